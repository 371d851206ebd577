package org.lewis.merge;

import org.lewis.kernel.Consensus;
import org.lewis.kernel.Masks;

/// A short range of elements, small enough for the cache, with everything needed to merge it.
///
/// @param from   position of the first element in the tensor
/// @param count  how many elements of each array count
/// @param base   the base's values; empty when the method takes no base
/// @param models the models' values, free for the method to overwrite
/// @param target where the merged values go
/// @param scratch for methods that elect signs
public record Tile(long from, int count, float[] base, float[][] models, float[] target, Consensus.Scratch scratch) {

    /// Elements of a full tile: four arrays of it fit a level-1 cache of 32 KiB.
    public static final int SIZE = Masks.BLOCK;

    /// A tile to read inputs into.
    public static Tile of(int size, boolean withBase, int models) {
        return new Tile(
                0,
                size,
                new float[withBase ? size : 0],
                new float[models][size],
                new float[size],
                Consensus.Scratch.of(size));
    }

    /// The same arrays with another range.
    public Tile at(long position, int elements) {
        return new Tile(position, elements, base, models, target, scratch);
    }
}
