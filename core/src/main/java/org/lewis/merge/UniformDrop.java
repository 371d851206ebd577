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
        Masks.keep(values, 0, decide(from, count), count);
    }

    private int[] decide(long from, int count) {
        int[] masks = MASKS.get();
        Draws.masks(key, from, count, share, masks);
        return masks;
    }

    /// Remembers what it draws, which costs less than to draw twice.
    @Override
    public Sparsity rescaled(TaskVector vector, Crew crew) {
        Remembered mask = Remembered.of(vector.elements());
        Sparsity first = (values, from, count) -> {
            int[] decided = decide(from, count);
            mask.note(decided, from);
            Masks.keep(values, 0, decided, count);
        };
        return mask.scaled(Sparsity.lostMagnitude(vector, first, crew));
    }
}
