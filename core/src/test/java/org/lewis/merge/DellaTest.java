package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// DELLA's masks: larger entries stay more often, row by row.
class DellaTest {

    private static final int ROWS = 300;

    /// Every row holds each of the magnitudes 1, 2, ... once, in an order of its own, signs alternating.
    private static float[] ranked(int columns) {
        java.util.SplittableRandom random = new java.util.SplittableRandom(5);
        float[] values = new float[ROWS * columns];
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < columns; column++) {
                int place = row * columns + column;
                int other = row * columns + random.nextInt(column + 1);
                values[place] = values[other];
                values[other] = column % 2 == 0 ? column + 1 : -column - 1;
            }
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"40, 0.4, 0.15", "40, 0.7, 0.29", "3000, 0.4, 0.15", "3000, 0.5, 0.05"})
    void theProbabilityGrowsWithTheRankInTheRow(int columns, double density, double epsilon) {
        float[] merged = kept(columns, density, epsilon, 42);
        int fifths = 5;
        int[] counts = new int[fifths];
        for (int i = 0; i < merged.length; i++) {
            int rank = (int) Math.abs(ranked(columns, i)) - 1;
            counts[rank * fifths / columns] += merged[i] != 0 ? 1 : 0;
        }
        int size = merged.length / fifths;
        for (int i = 0; i < fifths; i++) {
            // The mean rank of a fifth lies at its middle.
            double middle = ((i + 0.5) * columns / fifths - 0.5) / (columns - 1);
            double share = density - epsilon + 2 * epsilon * middle;
            assertThat((double) counts[i] / size).isCloseTo(share, within(4.5 * Math.sqrt(share * (1 - share) / size)));
        }
    }

    @Test
    void everyRowKeepsItsShare() {
        int columns = 3000;
        float[] merged = kept(columns, 0.4, 0.15, 42);
        for (int row = 0; row < ROWS; row++) {
            int kept = 0;
            for (int column = 0; column < columns; column++) {
                kept += merged[row * columns + column] != 0 ? 1 : 0;
            }
            assertThat((double) kept / columns).isCloseTo(0.4, within(4.5 * Math.sqrt(0.24 / columns)));
        }
    }

    @Test
    void entriesOfOneMagnitudeShareTheirRanks() {
        float[] ones = new float[60_000];
        Arrays.fill(ones, 1);
        float[] merged = Merging.of("della_linear", 1)
                .inRowsOf(300)
                .with("density", 0.4)
                .with("rescale", 0)
                .run(new float[ones.length], ones);
        int kept = 0;
        for (float value : merged) {
            kept += value != 0 ? 1 : 0;
        }
        assertThat((double) kept / ones.length).isCloseTo(0.4, within(4.5 * Math.sqrt(0.24 / ones.length)));
    }

    @Test
    void thePaperDividesEachEntryByItsProbability() {
        int columns = 40;
        float[] values = ranked(columns);
        float[] merged = merging(columns, 0.4, 0.15)
                .with(Semantics.PAPER)
                .with("rescale", 1)
                .run(new float[values.length], values);
        for (int i = 0; i < values.length; i++) {
            double probability = 0.25 + 0.3 * (Math.abs(values[i]) - 1) / (columns - 1);
            assertThat(merged[i]).isIn(0f, -0f, values[i] * (float) (1 / probability));
        }
        assertThat(sum(merged)).isCloseTo(sum(values), within(0.03 * sum(values)));
    }

    @Test
    void underThePapersSemanticsTheMeanOverSeedsIsTheTaskVector() {
        int seeds = 2000;
        float[] values = Merging.noise(60, 1);
        double[] sums = new double[60];
        Merging merging = merging(20, 0.4, 0.15).with(Semantics.PAPER).with("rescale", 1);
        for (int seed = 0; seed < seeds; seed++) {
            float[] merged = merging.withSeed(seed).run(new float[60], values);
            Arrays.setAll(sums, i -> sums[i] + merged[i] / (double) seeds);
        }
        for (int i = 0; i < sums.length; i++) {
            double sigma = Math.abs(values[i]) * Math.sqrt(0.75 / 0.25 / seeds); // at the least probability
            assertThat(sums[i]).isCloseTo(values[i], within(4.5 * sigma));
        }
    }

    @Test
    void mergekitKeepsTheSumOfMagnitudes() {
        float[] values = ranked(40);
        float[] merged = merging(40, 0.4, 0.15).with("rescale", 1).run(new float[values.length], values);
        assertThat(sum(merged)).isCloseTo(sum(values), within(1e-4 * sum(values)));
    }

    @Test
    void anotherModelsPresenceAndDensityDoNotChangeTheMask() {
        float[] values = ranked(40);
        float[] alone = kept(40, 0.4, 0.15, 42);
        float[] together = Merging.of("della_linear", 2)
                .inRowsOf(40)
                .with("density", 0.4, 0.7)
                .with("rescale", 0)
                .with("weight", 1, 0)
                .run(new float[values.length], values, Merging.noise(values.length, 9));
        assertThat(together).isEqualTo(alone);
    }

    @Test
    void modelsDrawIndependently() {
        float[] values = ranked(40);
        float[] sum = Merging.of("della_linear", 2)
                .inRowsOf(40)
                .with("density", 0.5)
                .with("epsilon", 0)
                .with("rescale", 0)
                .run(new float[values.length], values, values);
        int both = 0;
        for (int i = 0; i < sum.length; i++) {
            both += sum[i] == 2 * values[i] ? 1 : 0;
        }
        assertThat((double) both / sum.length).isCloseTo(0.25, within(4.5 * Math.sqrt(0.1875 / sum.length)));
    }

    @ParameterizedTest
    @CsvSource({"0.1, -0.05, 0.25, 0.1", "0.15, 0.0, 0.3, 0.15", "0.85, 0.7, 1.0, 0.15", "0.9, 0.75, 1.05, 0.1"})
    void probabilitiesBeyondZeroAndOneAreRefused(double density, String least, String most, String below) {
        Merging merging = merging(40, density, 0.15);
        assertThatThrownBy(() -> merging.run(new float[40], new float[40]))
                .hasMessage(
                        "probabilities go from density - epsilon to density + epsilon, which must lie between 0 and 1,"
                                + " found " + least + " and " + most + " for model 1; choose an epsilon below "
                                + below);
    }

    @Test
    void rowsOfOneEntryHaveTheDensityForProbability() {
        float[] ones = new float[40_000];
        Arrays.fill(ones, 1);
        float[] merged = merging(1, 0.3, 0.15).run(new float[ones.length], ones);
        assertThat(sum(merged) / ones.length).isCloseTo(0.3, within(4.5 * Math.sqrt(0.21 / ones.length)));
    }

    private static float[] kept(int columns, double density, double epsilon, long seed) {
        float[] values = ranked(columns);
        return merging(columns, density, epsilon).withSeed(seed).run(new float[values.length], values);
    }

    private static Merging merging(int columns, double density, double epsilon) {
        return Merging.of("della_linear", 1)
                .inRowsOf(columns)
                .with("density", density)
                .with("epsilon", epsilon)
                .with("rescale", 0);
    }

    private static float ranked(int columns, int index) {
        return RANKED.computeIfAbsent(columns, DellaTest::ranked)[index];
    }

    private static final java.util.Map<Integer, float[]> RANKED = new java.util.HashMap<>();

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += Math.abs(value);
        }
        return sum;
    }
}
