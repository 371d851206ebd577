package org.lewis.kernel;

import java.util.Arrays;

/// The mean of tensors in which every entry counts by a score of its own.
public final class ScoredMean {

    private ScoredMean() {}

    /// Arrays to compute with, as long as the values; made once, since making them costs more than the mean.
    public record Scratch(double[] totals, double[] sums) {

        public static Scratch of(int count) {
            return new Scratch(new double[count], new double[count]);
        }
    }

    /// `target = factor * sum(scores_i * weights_i * values_i) / sum(scores_i)`; 0 where no score is above 0.
    ///
    /// What only one scores is taken as it is, without rounding in between, and any value that is not finite makes
    /// the mean NaN, however it scores.
    ///
    /// @param scores at least 0, one array for each of the values
    public static void of(
            float[][] values,
            float[] weights,
            float[][] scores,
            float factor,
            int count,
            Scratch scratch,
            float[] target) {
        double[] totals = scratch.totals();
        // Less than any score: it makes 0 of 0 / 0.
        Arrays.fill(totals, 0, count, Double.MIN_VALUE);
        for (float[] ofOne : scores) {
            add(ofOne, count, totals);
        }
        double[] sums = scratch.sums();
        Arrays.fill(sums, 0, count, 0);
        for (int i = 0; i < values.length; i++) {
            addShare(values[i], weights[i], scores[i], totals, count, sums);
        }
        for (int i = 0; i < count; i++) {
            target[i] = factor * (float) sums[i];
        }
    }

    private static void add(float[] scores, int count, double[] totals) {
        for (int i = 0; i < count; i++) {
            totals[i] += scores[i];
        }
    }

    private static void addShare(
            float[] values, float weight, float[] scores, double[] totals, int count, double[] sums) {
        for (int i = 0; i < count; i++) {
            // The zero is NaN for infinities, too, whose share may be finite.
            sums[i] += scores[i] / totals[i] * weight * values[i] + 0f * values[i];
        }
    }
}
