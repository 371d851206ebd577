package org.lewis.merge;

import org.lewis.kernel.Magnitudes;
import org.lewis.kernel.Rivals;

/// Drops what [RankedDrop] drops, and divides each entry that stays by its probability to stay, as the paper has it.
/// Every rank counts then, so rows are sorted.
///
/// @see <a href="https://arxiv.org/abs/2406.11617">Deep et al. 2024, DELLA-Merging, section 3.1</a>
final class RankedDivision implements Sparsity {

    private final Rows rows;
    private final long key;
    private final double least;
    private final double most;
    private final ThreadLocal<Row> hands;

    private RankedDivision(Rows rows, long key, double least, double most) {
        this.rows = rows;
        this.key = key;
        this.least = least;
        this.most = most;
        this.hands = ThreadLocal.withInitial(() -> new Row(new Rivals(rows.columns(), least, most)));
    }

    /// @param density and `epsilon` as in [RankedDrop]
    static Sparsity of(TaskVector vector, long key, double density, double epsilon) {
        if (RankedDrop.isUniform(vector, epsilon)) {
            return new UniformDrop(key, density).scaled(1 / density);
        }
        return new RankedDivision(Rows.of(vector), key, density - epsilon, density + epsilon);
    }

    @Override
    public void apply(float[] values, long from, int count) {
        Row row = hands.get();
        Magnitudes.copy(values, count, row.part, 0);
        int columns = rows.columns();
        for (int i = 0; i < count; i++) {
            long index = (from + i) / columns;
            if (row.index != index) {
                rows.read(index, row.part, from, count, row.rivals.row());
                row.take(index, key);
            }
            double share = row.rank(row.part[i]) / (columns - 1);
            double probability = least + (most - least) * share;
            boolean stays = row.masks[(int) (from + i - index * columns)] != 0;
            // What is not finite stays or becomes NaN.
            values[i] *= stays ? (float) (1 / probability) : 0;
        }
    }

    /// One row and its magnitudes in ascending order, and what else a thread has at hand.
    private static final class Row {

        private final Rivals rivals;
        private final int[] part = new int[Tile.SIZE];
        private final int[] sorted;
        private final int[] scratch;
        private int[] masks;
        private long index = -1;

        Row(Rivals rivals) {
            this.rivals = rivals;
            this.sorted = new int[rivals.row().length];
            this.scratch = new int[sorted.length];
        }

        /// To be called when the rivals have the row.
        void take(long row, long key) {
            index = row;
            masks = rivals.decide(key, row * sorted.length);
            System.arraycopy(rivals.row(), 0, sorted, 0, sorted.length);
            Magnitudes.sort(sorted, sorted.length, scratch);
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
