package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScoredMeanTest {

    private static final float[] WEIGHTS = {0.3f, 1.7f, -1};

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void everyEntryIsTheMeanOfItsScores(int length) {
        float[][] values = {Samples.noise(length, 1), Samples.noise(length, 2), Samples.noise(length, 3)};
        float[][] scores = {scores(length, 4), scores(length, 5), scores(length, 6)};
        float[] mean = mean(values, scores, length);
        for (int i = 0; i < length; i++) {
            double sum = 0;
            double total = 0;
            for (int model = 0; model < 3; model++) {
                sum += (double) scores[model][i] * WEIGHTS[model] * values[model][i];
                total += scores[model][i];
            }
            assertThat((double) mean[i]).isCloseTo(total == 0 ? 0 : 2 * sum / total, within(1e-6));
        }
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void whatOnlyOneScoresIsRoundedOnce(int length) {
        float[] value = Samples.noise(length, 1);
        float[] other = Samples.noise(length, 2);
        float[] score = Samples.noise(length, 3);
        for (int i = 0; i < length; i++) {
            score[i] = Math.abs(score[i]) + Float.MIN_VALUE;
        }
        float[] mean = mean(
                new float[][] {other, value, other},
                new float[][] {new float[length], score, new float[length]},
                length);
        for (int i = 0; i < length; i++) {
            assertThat(mean[i]).isEqualTo(2 * (WEIGHTS[1] * value[i]));
        }
    }

    @Test
    void whatIsNotFiniteIsNaNHoweverItScores() {
        float[] broken = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        float[] ones = {1, 1, 1};
        for (float[] score : new float[][] {ones, new float[3]}) {
            float[] mean = mean(new float[][] {ones, broken, ones}, new float[][] {ones, score, ones}, 3);
            for (float value : mean) {
                assertThat(value).isNaN();
            }
        }
    }

    private static float[] mean(float[][] values, float[][] scores, int length) {
        float[] mean = new float[length];
        ScoredMean.of(values, WEIGHTS, scores, 2, length, ScoredMean.Scratch.of(length), mean);
        return mean;
    }

    /// Half of them 0.
    private static float[] scores(int length, long seed) {
        float[] scores = Samples.noise(length, seed);
        for (int i = 0; i < length; i++) {
            scores[i] = Math.max(0, scores[i]);
        }
        return scores;
    }
}
