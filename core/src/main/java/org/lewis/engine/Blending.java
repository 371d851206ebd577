package org.lewis.engine;

import java.lang.foreign.MemorySegment;
import org.lewis.kernel.Magnitudes;
import org.lewis.merge.Blend;
import org.lewis.merge.Tile;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Rounding;

/// A merge whose method is prepared: makes the bytes of any range of the result.
record Blending(JobInputs inputs, Blend blend, Dtype dtype) {

    /// Blends elements `[from, to)` tile by tile and rounds them.
    ///
    /// @param target where they go, from its start on
    /// @return how many are NaN or infinite
    long write(long from, long to, MemorySegment target) {
        Tile scratch = inputs.scratch();
        long nonFinite = 0;
        for (long at = from; at < to; at += Tile.SIZE) {
            int count = (int) Math.min(Tile.SIZE, to - at);
            Tile tile = inputs.read(at, count, scratch);
            blend.blend(tile);
            nonFinite += Magnitudes.countAbove(tile.target(), count, Rounding.largestFinite(dtype));
            Rounding.write(tile.target(), count, dtype, target, at - from);
        }
        return nonFinite;
    }
}
