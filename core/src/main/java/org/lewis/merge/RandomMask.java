package org.lewis.merge;

import org.lewis.kernel.Draws;
import org.lewis.kernel.Masks;

/// Chance says which entries of a task vector stay. Drawing costs more than remembering, so that what must be
/// known twice is drawn once.
interface RandomMask extends Sparsity {

    /// What stays of `count` entries, at most a tile, from position `from` on.
    ///
    /// @return what [Masks] are made of, good until the next call by the same thread
    int[] decide(float[] values, long from, int count);

    @Override
    default void apply(float[] values, long from, int count) {
        Masks.keep(values, 0, decide(values, from, count), count);
    }

    @Override
    default Sparsity rescaled(TaskVector vector, Crew crew) {
        Remembered mask = new Remembered(vector.elements());
        Sparsity first = (values, from, count) -> {
            int[] decided = decide(values, from, count);
            mask.remember(from, decided);
            Masks.keep(values, 0, decided, count);
        };
        return mask.scaled(Sparsity.lostMagnitude(vector, first, crew));
    }

    /// Each entry stays with the same probability, whatever the others do.
    ///
    /// @see <a href="https://arxiv.org/abs/2311.03099">Yu et al. 2024, DARE, section 3.2</a>
    record Uniform(long key, double share) implements RandomMask {

        private static final ThreadLocal<int[]> MASKS = ThreadLocal.withInitial(() -> new int[Masks.BLOCK]);

        @Override
        public int[] decide(float[] values, long from, int count) {
            int[] masks = MASKS.get();
            Draws.masks(key, from, count, share, masks);
            return masks;
        }
    }

    /// Which entries stay, a bit for each.
    final class Remembered implements Sparsity {

        private static final ThreadLocal<int[]> MASKS = ThreadLocal.withInitial(() -> new int[Masks.BLOCK]);

        private final int[] words;

        Remembered(long elements) {
            this.words = new int[Math.toIntExact((elements + Masks.BLOCK - 1) / Masks.BLOCK * Masks.WORDS)];
        }

        /// @param from where a block begins
        void remember(long from, int[] masks) {
            Masks.pack(masks, words, at(from));
        }

        private static int at(long from) {
            return Math.toIntExact(from / Masks.BLOCK * Masks.WORDS);
        }

        @Override
        public void apply(float[] values, long from, int count) {
            int[] masks = MASKS.get();
            int done = 0;
            while (done < count) {
                int inBlock = (int) ((from + done) % Masks.BLOCK);
                int run = Math.min(Masks.BLOCK - inBlock, count - done);
                Masks.unpack(words, at(from + done), masks);
                System.arraycopy(masks, inBlock, masks, 0, run);
                Masks.keep(values, done, masks, run);
                done += run;
            }
        }
    }
}
