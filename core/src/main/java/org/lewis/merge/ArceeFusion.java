package org.lewis.merge;

import java.util.Arrays;
import java.util.List;
import org.lewis.kernel.Arithmetic;

/// Takes over the other model's most important changes: those far above the middle of the tensor's, where a
/// change is the more important the more the softmax of its row changes.
final class ArceeFusion implements Method {

    /// Added to probabilities, as mergekit has it.
    private static final double EPS = 1e-8;

    @Override
    public Description description() {
        return new Description(
                "arcee_fusion",
                "the other model's most important changes",
                "B + d_1 where s >= median(s) + 1.5 * (q75(s) - q25(s)),"
                        + " s = |d_1| * KL(softmax(row of W_1), softmax(row of B))",
                "mergekit",
                Demands.base(1, 1),
                List.of());
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        float[] divergences = divergences(inputs, crew);
        Scores.Formula importance =
                (deltas, from, count, target) -> Vectors.ROWS.eachRun(inputs, from, count, (begin, run, row, _) -> {
                    for (int i = begin; i < begin + run; i++) {
                        target[i] = Math.abs(deltas[0][i]) * divergences[row];
                    }
                });
        float threshold = threshold(Scores.vector(inputs, importance), crew);
        return tile -> {
            float[] delta = tile.models()[0];
            Arithmetic.subtract(delta, tile.base(), tile.count());
            importance.score(tile.models(), tile.from(), tile.count(), tile.target());
            for (int i = 0; i < tile.count(); i++) {
                // Written so that NaN is taken over.
                tile.target()[i] = tile.target()[i] < threshold ? 0 : delta[i];
            }
            Arithmetic.addTo(tile.base(), tile.target(), tile.count());
        };
    }

    /// Outliers begin here: the median and one and a half times the distance between the quartiles.
    private static float threshold(TaskVector importance, Crew crew) {
        float[] quartiles = new float[3];
        for (int i = 0; i < quartiles.length; i++) {
            quartiles[i] = importance.elements() == 0 ? 0 : quartile(importance, (i + 1) * 0.25, crew);
        }
        return quartiles[1] + 1.5f * (quartiles[2] - quartiles[0]);
    }

    /// The entry with that share of the others below it, the lower of two.
    private static float quartile(TaskVector importance, double share, Crew crew) {
        long elements = importance.elements();
        long below = (long) (share * (elements - 1));
        if (elements > Tile.SIZE) {
            return Float.intBitsToFloat(
                    new Selection(importance, crew).largest(elements - below).threshold());
        }
        float[] values = new float[(int) elements];
        importance.read(0, values.length, values, new float[values.length]);
        Arrays.sort(values);
        return values[(int) below];
    }

    /// For each row how far the softmax of the model's is from that of the base's.
    private static float[] divergences(Inputs inputs, Crew crew) {
        float[] divergences = new float[Vectors.ROWS.count(inputs)];
        long columns = inputs.columns();
        int rowsOfTask = (int) (Vectors.ROWS.step(inputs) / Math.max(1, columns));
        int tasks = Math.ceilDiv(divergences.length, Math.max(1, rowsOfTask));
        crew.map(tasks, task -> {
            Row row = new Row(inputs);
            int end = Math.min(divergences.length, (task + 1) * rowsOfTask);
            for (int i = task * rowsOfTask; i < end; i++) {
                divergences[i] = (float) row.divergence(i * columns);
            }
            return null;
        });
        return divergences;
    }

    /// Reads rows of both tensors. Values that are not finite do not count.
    private static final class Row {

        private final Inputs inputs;
        private final float[] base;
        private final float[] model;

        Row(Inputs inputs) {
            this.inputs = inputs;
            this.base = new float[(int) Math.min(Tile.SIZE, inputs.columns())];
            this.model = new float[base.length];
        }

        private interface Pair {
            void visit(double base, double model);
        }

        private void each(long start, Pair pair) {
            for (long at = start; at < start + inputs.columns(); at += base.length) {
                int count = (int) Math.min(base.length, start + inputs.columns() - at);
                inputs.readBase(at, count, base);
                inputs.read(0, at, count, model);
                for (int i = 0; i < count; i++) {
                    if (Float.isFinite(base[i]) && Float.isFinite(model[i])) {
                        pair.visit(base[i], model[i]);
                    }
                }
            }
        }

        double divergence(long start) {
            double[] most = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
            each(start, (b, w) -> {
                most[0] = Math.max(most[0], b);
                most[1] = Math.max(most[1], w);
            });
            double[] sums = new double[2];
            each(start, (b, w) -> {
                sums[0] += Math.exp(b - most[0]);
                sums[1] += Math.exp(w - most[1]);
            });
            double[] divergence = new double[1];
            each(start, (b, w) -> {
                double q = Math.exp(b - most[0]) / sums[0] + EPS;
                double p = Math.exp(w - most[1]) / sums[1] + EPS;
                divergence[0] += p * Math.log(p / q);
            });
            return Math.max(0, divergence[0]); // rounding takes equal rows below 0
        }
    }
}
