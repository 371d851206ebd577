package org.lewis.merge;

import org.lewis.kernel.Draws;
import org.lewis.kernel.Masks;

/// Each entry stays with the same probability, whatever the others do.
///
/// @see <a href="https://arxiv.org/abs/2311.03099">Yu et al. 2024, DARE, section 3.2</a>
record UniformDrop(long key, double share) implements Sparsity {

    private static final ThreadLocal<int[]> MASKS = ThreadLocal.withInitial(() -> new int[Tile.SIZE]);

    @Override
    public void apply(float[] values, long from, int count) {
        int[] masks = MASKS.get();
        Draws.masks(key, from, count, share, masks);
        Masks.keep(values, 0, masks, count);
    }
}
