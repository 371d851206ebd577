package org.lewis.forward;

import java.util.List;
import java.util.function.IntFunction;

/// Lets blocks rehearse, and neither watches nor changes them otherwise.
///
/// @param ofBlock what has to run before a block runs as a whole
public record Rehearsing(IntFunction<List<BlockStream.Rehearsal>> ofBlock) implements BlockStream.Visitor {

    @Override
    public List<BlockStream.Rehearsal> rehearsals(int block) {
        return ofBlock.apply(block);
    }

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
