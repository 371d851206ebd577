package org.lewis.benchmarks;

import org.lewis.forward.BlockStream;
import org.lewis.forward.Tap;

/// The fastest way through a model's blocks: nobody looks.
final class Unwatched implements BlockStream.Visitor {

    @Override
    public Tap tap(int block, int sequence) {
        return Tap.NONE;
    }

    @Override
    public boolean isConcurrent() {
        return true;
    }

    @Override
    public boolean mayChange() {
        return false;
    }
}
