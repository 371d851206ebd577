package org.lewis.merge;

import org.lewis.kernel.Magnitudes;

/// Keeps the entries of largest magnitude of each output feature, exactly as many as asked: of those that tie at the
/// threshold the first stay.
final class OutputTrim implements Sparsity {

    /// Outputs whose entries are looked at together where they lie side by side.
    private static final int BAND = 256;

    private final TaskVector vector;
    private final Vectors outputs;
    private final int length;
    private final int[] thresholds;
    /// Within its output, the last entry at the threshold that stays.
    private final int[] lastTies;

    private OutputTrim(TaskVector vector, Vectors outputs) {
        this.vector = vector;
        this.outputs = outputs;
        int count = outputs.count(vector.inputs());
        this.length = Math.toIntExact(vector.elements() / Math.max(1, count));
        this.thresholds = new int[count];
        this.lastTies = new int[count];
    }

    /// Keeps `floor(density * features)` entries of each output, but at least one.
    ///
    /// @param outputs rows or columns
    static Sparsity toLargest(TaskVector vector, Vectors outputs, double density, Crew crew) {
        OutputTrim trim = new OutputTrim(vector, outputs);
        int kept = (int) Math.max(1, (long) (density * trim.length));
        if (kept >= trim.length) {
            return NONE;
        }
        crew.map((trim.thresholds.length + BAND - 1) / BAND, band -> {
            trim.select(band * BAND, Math.min(trim.thresholds.length, (band + 1) * BAND), kept);
            return null;
        });
        return trim;
    }

    private void select(int from, int to, int kept) {
        int[][] magnitudes = outputs == Vectors.ROWS ? new int[1][length] : band(from, to);
        for (int output = from; output < to; output++) {
            int[] own = magnitudes[outputs == Vectors.ROWS ? 0 : output - from];
            if (outputs == Vectors.ROWS) {
                float[] row = new float[length];
                vector.read((long) output * length, length, row, new float[length]);
                Magnitudes.copy(row, length, own, 0);
            }
            int threshold = Magnitudes.select(own, length, kept);
            int quota = kept - Magnitudes.countAbove(own, length, threshold);
            int last = -1;
            while (quota > 0) {
                last++;
                quota -= own[last] == threshold ? 1 : 0;
            }
            thresholds[output] = threshold;
            lastTies[output] = last;
        }
    }

    /// The magnitudes of columns `[from, to)`, each in an array.
    private int[][] band(int from, int to) {
        int[][] magnitudes = new int[to - from][length];
        float[] values = new float[to - from];
        float[] scratch = new float[to - from];
        for (int feature = 0; feature < length; feature++) {
            vector.read((long) feature * thresholds.length + from, to - from, values, scratch);
            for (int i = 0; i < values.length; i++) {
                magnitudes[i][feature] = Magnitudes.of(values[i]);
            }
        }
        return magnitudes;
    }

    @Override
    public void apply(float[] values, long from, int count) {
        outputs.eachRun(vector.inputs(), from, count, (begin, run, output, many) -> {
            if (many == 1) {
                long first = (long) output * length;
                int ties = Math.clamp(first + lastTies[output] + 1 - from, begin, begin + run);
                Magnitudes.zeroUpTo(values, begin, ties, thresholds[output] - 1);
                Magnitudes.zeroUpTo(values, ties, begin + run, thresholds[output]);
            } else {
                int feature = (int) ((from + begin) / thresholds.length);
                for (int i = 0; i < run; i++) {
                    int least = thresholds[output + i] + (feature <= lastTies[output + i] ? 0 : 1);
                    values[begin + i] = Magnitudes.of(values[begin + i]) < least ? 0 : values[begin + i];
                }
            }
        });
    }
}
