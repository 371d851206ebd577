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
final class RankedDrop implements RandomMask {

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
    public int[] decide(float[] values, long from, int count) {
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
}
