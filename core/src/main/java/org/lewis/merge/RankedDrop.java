package org.lewis.merge;

import java.util.List;
import org.lewis.kernel.Arithmetic;
import org.lewis.kernel.Magnitudes;
import org.lewis.kernel.Masks;
import org.lewis.kernel.Rivals;

/// Drops entries at random, the more likely the lower their magnitude ranks in their row. Entries of one magnitude
/// share the mean of their ranks.
///
/// Each thread holds the row it is at, and no more; what was decided is remembered.
///
/// @param lostMagnitude of the task vector by what is dropped, see [Sparsity#lostMagnitude]
/// @see <a href="https://arxiv.org/abs/2406.11617">Deep et al. 2024, DELLA-Merging, section 3.1</a>
record RankedDrop(Remembered mask, double lostMagnitude) implements Sparsity {

    /// The smallest entry of a row stays with the probability `density - epsilon`, the largest with
    /// `density + epsilon`.
    static Sparsity of(TaskVector vector, long key, double density, double epsilon, Crew crew) {
        if (isUniform(vector, epsilon)) {
            return new UniformDrop(key, density);
        }
        Ranges ranges = Ranges.of(vector);
        Remembered mask = Remembered.of(vector.elements());
        record Sums(double before, double after) {}
        List<Sums> done = crew.map(ranges.count(), range -> {
            long from = ranges.from(range);
            Rivals rivals = new Rivals(ranges.columns(), density - epsilon, density + epsilon);
            RowPass pass = new RowPass(rivals, mask.new Writer(from), key, from);
            vector.eachTile(from, ranges.to(range), pass);
            pass.decided.end();
            return new Sums(pass.before, pass.after);
        });
        double before = done.stream().mapToDouble(Sums::before).sum();
        double after = done.stream().mapToDouble(Sums::after).sum();
        return new RankedDrop(mask, after == 0 ? 1 : before / after);
    }

    /// Whether all entries have the same probability.
    static boolean isUniform(TaskVector vector, double epsilon) {
        return epsilon == 0 || vector.inputs().columns() <= 1;
    }

    @Override
    public void apply(float[] values, long from, int count) {
        mask.apply(values, from, count);
    }

    @Override
    public Sparsity rescaled(TaskVector vector, Crew crew) {
        return scaled(lostMagnitude);
    }

    /// Runs of whole rows which are whole groups of masks, too: about as long as chunks.
    private record Ranges(long elements, int columns, long size) {

        static Ranges of(TaskVector vector) {
            int columns = Math.toIntExact(vector.inputs().columns());
            long unit = (long) columns * (Masks.GROUP / Math.min(Masks.GROUP, Integer.lowestOneBit(columns)));
            return new Ranges(vector.elements(), columns, unit * Math.max(1, Crew.CHUNK / unit));
        }

        int count() {
            return Math.toIntExact((elements + size - 1) / size);
        }

        long from(int range) {
            return range * size;
        }

        long to(int range) {
            return Math.min(elements, from(range) + size);
        }
    }

    /// One thread's rows, put together from tiles.
    private static final class RowPass implements TaskVector.TileVisitor {

        private final Rivals rivals;
        private final Remembered.Writer decided;
        private final long key;
        private final float[] row;
        private long position;
        private int filled;
        private double before;
        private double after;

        RowPass(Rivals rivals, Remembered.Writer decided, long key, long from) {
            this.rivals = rivals;
            this.decided = decided;
            this.key = key;
            this.row = new float[rivals.row().length];
            this.position = from;
        }

        @Override
        public void visit(float[] values, long from, int count) {
            before += Arithmetic.sumOfMagnitudes(values, count);
            int done = 0;
            while (done < count) {
                int run = Math.min(row.length - filled, count - done);
                System.arraycopy(values, done, row, filled, run);
                filled += run;
                done += run;
                if (filled == row.length) {
                    decide();
                }
            }
        }

        private void decide() {
            Magnitudes.copy(row, row.length, rivals.row(), 0);
            int[] masks = rivals.decide(key, position);
            decided.add(masks, row.length);
            Masks.keep(row, 0, masks, row.length);
            after += Arithmetic.sumOfMagnitudes(row, row.length);
            position += row.length;
            filled = 0;
        }
    }
}
