package org.lewis.merge;

import org.lewis.kernel.Draws;
import org.lewis.kernel.Magnitudes;
import org.lewis.kernel.Masks;
import org.lewis.kernel.Ranks;

/// Drops entries at random, the more likely the lower their magnitude ranks in their row. Entries of one magnitude
/// share the mean of their ranks.
///
/// Each thread holds the magnitudes of the row it is at, and no more.
///
/// @see <a href="https://arxiv.org/abs/2406.11617">Deep et al. 2024, DELLA-Merging, section 3.1</a>
final class RankedDrop implements Sparsity {

    /// What a thread has at hand.
    private static final class Hand {

        private final int[] draws = new int[Tile.SIZE];
        private final int[] magnitudes = new int[Tile.SIZE];
        private final int[] masks = new int[Masks.BLOCK];
        private final Ranks row;
        private long index = -1;

        Hand(int columns) {
            this.row = new Ranks(columns);
        }
    }

    private final Rows rows;
    private final long key;
    private final Probabilities probabilities;
    private final ThreadLocal<Hand> hands;

    /// @param epsilon the smallest entry of a row stays with probability `density - epsilon`, the largest with
    ///                `density + epsilon`
    RankedDrop(TaskVector vector, long key, double density, double epsilon) {
        this.rows = Rows.of(vector);
        this.key = key;
        this.probabilities = Probabilities.of(density, epsilon, rows.columns());
        this.hands = ThreadLocal.withInitial(() -> new Hand(rows.columns()));
    }

    /// The probability to stay of a row's smallest entry, and of its largest.
    record Probabilities(double least, double most) {

        static Probabilities of(double density, double epsilon, int columns) {
            return columns == 1
                    ? new Probabilities(density, density)
                    : new Probabilities(density - epsilon, density + epsilon);
        }
    }

    @Override
    public void apply(float[] values, long from, int count) {
        Masks.keep(values, 0, decide(values, from, count), count);
    }

    /// Decides once, and remembers it for the second time.
    @Override
    public Sparsity rescaled(TaskVector vector, Crew crew) {
        Remembered mask = new Remembered(vector.elements());
        Sparsity first = (values, from, count) -> {
            int[] decided = decide(values, from, count);
            mask.remember(from, decided);
            Masks.keep(values, 0, decided, count);
        };
        return mask.scaled(Sparsity.lostMagnitude(vector, first, crew));
    }

    /// What stays of `count` entries from position `from` on, as [Masks] until the thread's next call.
    private int[] decide(float[] values, long from, int count) {
        Hand hand = hands.get();
        Draws.draw(key, from, hand.draws, count);
        Magnitudes.copy(values, count, hand.magnitudes, 0);
        int columns = rows.columns();
        double ranksPerShare = probabilities.most() > probabilities.least()
                ? (columns - 1) / (probabilities.most() - probabilities.least())
                : 1e300;
        int begin = 0;
        while (begin < count) {
            long row = (from + begin) / columns;
            int end = (int) Math.min(count, (row + 1) * columns - from);
            if (hand.index != row) {
                rows.read(row, hand.magnitudes, from, count, hand.row.magnitudes());
                hand.row.count();
                hand.index = row;
            }
            hand.row.decide(hand.magnitudes, hand.draws, begin, end, probabilities.least(), ranksPerShare, hand.masks);
            begin = end;
        }
        return hand.masks;
    }

    /// Which entries stay, a bit for each.
    private static final class Remembered implements Sparsity {

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
