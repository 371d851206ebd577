package org.lewis.merge;

import java.util.Arrays;
import java.util.List;
import org.lewis.kernel.Doubles;
import org.lewis.kernel.StretchedProducts;

/// What the scores of [Pcb] are computed with. Pairs of models have one number, whichever comes first.
///
/// @param least   product of two entries, of each pair
/// @param factors what stretches the products above the least to `[0, 1]`, of each pair
/// @param pairs   mean exponential of the stretched products, of each pair
/// @param own     of each model, the mean exponential of its squares, stretched and times the number of models
/// @param arrays  to compute with, of each thread
record Balance(double[] least, double[] factors, double[] pairs, double[] own, ThreadLocal<double[][]> arrays) {

    /// @param models how many there are in each tensor
    static Balance of(WholeModels all, int models) {
        double[][] ranges = emptyRanges(models);
        all.each((inputs, _, crew) -> crew.mapChunks(inputs.elements(), (from, to) -> ranges(inputs, from, to)))
                .forEach(chunks -> chunks.forEach(chunk -> widen(ranges, chunk)));
        double[] least = new double[ranges.length];
        double[] factors = new double[ranges.length];
        for (int pair = 0; pair < ranges.length; pair++) {
            double range = ranges[pair][1] - ranges[pair][0];
            least[pair] = ranges[pair][0];
            factors[pair] = range > 0 ? 1 / range : 0;
        }
        Balance balance = new Balance(
                least,
                factors,
                new double[ranges.length],
                new double[models],
                ThreadLocal.withInitial(() -> new double[3][Tile.SIZE]));
        List<List<double[][]>> sums = all.each((inputs, _, crew) ->
                crew.mapChunks(inputs.elements(), (from, to) -> balance.exponentials(inputs, from, to)));
        double elements = all.each((inputs, _, _) -> inputs.elements()).stream()
                .mapToDouble(count -> count)
                .sum();
        sums.forEach(chunks -> chunks.forEach(chunk -> {
            Doubles.addScaled(balance.pairs, 1 / elements, chunk[0], balance.pairs.length);
            Doubles.addScaled(balance.own, 1 / elements, chunk[1], models);
        }));
        return balance;
    }

    /// The number of a pair.
    private static int pair(int one, int other) {
        int larger = Math.max(one, other);
        return larger * (larger + 1) / 2 + Math.min(one, other);
    }

    private static double[][] emptyRanges(int models) {
        double[][] ranges = new double[pair(0, models)][];
        Arrays.setAll(ranges, _ -> new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY});
        return ranges;
    }

    /// The least and the most product of each pair.
    private static double[][] ranges(Inputs inputs, long from, long to) {
        double[][] ranges = emptyRanges(inputs.models());
        new Deltas(inputs).eachTile(from, to, (deltas, _, count) -> {
            for (int i = 0; i < deltas.length; i++) {
                for (int j = 0; j <= i; j++) {
                    StretchedProducts.widen(deltas[i], deltas[j], count, ranges[pair(i, j)]);
                }
            }
        });
        return ranges;
    }

    private static void widen(double[][] ranges, double[][] others) {
        for (int pair = 0; pair < ranges.length; pair++) {
            ranges[pair][0] = Math.min(ranges[pair][0], others[pair][0]);
            ranges[pair][1] = Math.max(ranges[pair][1], others[pair][1]);
        }
    }

    /// The sums of each pair, then those of each model's own.
    private double[][] exponentials(Inputs inputs, long from, long to) {
        double[][] sums = {new double[pairs.length], new double[own.length]};
        double[] values = arrays.get()[0];
        double[] powers = arrays.get()[1];
        new Deltas(inputs).eachTile(from, to, (deltas, _, count) -> {
            for (int i = 0; i < deltas.length; i++) {
                for (int j = 0; j <= i; j++) {
                    exponentials(deltas, i, j, count, values);
                    sums[0][pair(i, j)] += Doubles.sumOfFinite(values, count);
                }
                // The last was the model with itself.
                System.arraycopy(values, 0, powers, 0, count);
                for (int n = 1; n < deltas.length; n++) {
                    Doubles.multiply(powers, values, count);
                }
                sums[1][i] += Doubles.sumOfFinite(powers, count);
            }
        });
        return sums;
    }

    private void exponentials(float[][] deltas, int i, int j, int count, double[] target) {
        int pair = pair(i, j);
        StretchedProducts.exponentials(deltas[i], deltas[j], least[pair], factors[pair], count, target);
    }

    /// The scores of one model's entries, as numbers to be ranked.
    TaskVector vector(Inputs inputs, int model) {
        return Scores.vector(inputs, (deltas, _, count, target) -> scores(deltas, model, count, target));
    }

    /// The scores of one model's entries, all times the same: softmax is taken with means in place of sums.
    void scores(float[][] deltas, int model, int count, float[] target) {
        double[] squares = arrays.get()[0];
        double[] others = arrays.get()[1];
        double[] scores = arrays.get()[2];
        exponentials(deltas, model, model, count, squares);
        Arrays.fill(scores, 0, count, 0);
        for (int j = 0; j < deltas.length; j++) {
            if (j != model) {
                exponentials(deltas, model, j, count, others);
            }
            Doubles.addScaled(scores, 1 / pairs[pair(model, j)], j == model ? squares : others, count);
        }
        for (int n = 0; n < deltas.length; n++) {
            Doubles.multiply(scores, squares, count);
        }
        Doubles.round(scores, 1 / own[model], count, target);
    }
}
