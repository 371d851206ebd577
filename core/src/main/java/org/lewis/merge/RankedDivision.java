package org.lewis.merge;

import org.lewis.kernel.Draws;
import org.lewis.kernel.Magnitudes;

/// As [RankedDrop], and divides each entry that stays by its probability to stay, as the paper has it. Every rank
/// counts then, so rows are sorted.
///
/// @see <a href="https://arxiv.org/abs/2406.11617">Deep et al. 2024, DELLA-Merging, section 3.1</a>
final class RankedDivision implements Sparsity {

    private final Rows rows;
    private final long key;
    private final RankedDrop.Probabilities probabilities;
    private final ThreadLocal<Row> hands;

    /// @param density and `epsilon` as in [RankedDrop]
    RankedDivision(TaskVector vector, long key, double density, double epsilon) {
        this.rows = Rows.of(vector);
        this.key = key;
        this.probabilities = RankedDrop.Probabilities.of(density, epsilon, rows.columns());
        this.hands = ThreadLocal.withInitial(() -> new Row(rows.columns()));
    }

    @Override
    public void apply(float[] values, long from, int count) {
        Row row = hands.get();
        Draws.draw(key, from, row.draws, count);
        Magnitudes.copy(values, count, row.part, 0);
        int columns = rows.columns();
        for (int i = 0; i < count; i++) {
            long index = (from + i) / columns;
            if (row.index != index) {
                rows.read(index, row.part, from, count, row.sorted);
                row.sort(index);
            }
            double share = columns == 1 ? 0 : row.rank(row.part[i]) / (columns - 1);
            double probability = probabilities.least() + (probabilities.most() - probabilities.least()) * share;
            // What is not finite stays or becomes NaN.
            values[i] *= probability > Draws.uniform(row.draws[i]) ? (float) (1 / probability) : 0;
        }
    }

    /// The magnitudes of one row in ascending order, and what else a thread has at hand.
    private static final class Row {

        private final int[] draws = new int[Tile.SIZE];
        private final int[] part = new int[Tile.SIZE];
        private final int[] sorted;
        private final int[] scratch;
        private long index = -1;

        Row(int columns) {
            this.sorted = new int[columns];
            this.scratch = new int[columns];
        }

        void sort(long row) {
            Magnitudes.sort(sorted, sorted.length, scratch);
            index = row;
        }

        /// The mean rank, from 0, of the entries of a magnitude that is one of them.
        double rank(int magnitude) {
            return (noLarger(magnitude - 1) + noLarger(magnitude) - 1) / 2.0;
        }

        /// How many magnitudes are no larger.
        private int noLarger(int magnitude) {
            int low = 0;
            int high = sorted.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                boolean larger = sorted[middle] > magnitude;
                high = larger ? middle : high;
                low = larger ? low : middle + 1;
            }
            return low;
        }
    }
}
