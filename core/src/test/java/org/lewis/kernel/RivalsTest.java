package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One comparison with a random rival keeps an entry as often as its rank demands.
class RivalsTest {

    private static final int TRIES = 40_000;

    /// The definition: the mean of the places that a magnitude takes in the sorted row, from 0 on.
    private static double rank(int[] row, int magnitude) {
        long smaller = Arrays.stream(row).filter(other -> other < magnitude).count();
        long equal = Arrays.stream(row).filter(other -> other == magnitude).count();
        return smaller + (equal - 1) / 2.0;
    }

    private static int[] row(String kind, int columns) {
        SplittableRandom random = new SplittableRandom(columns);
        int[] row = new int[columns];
        Arrays.setAll(
                row,
                i -> Magnitudes.of(
                        switch (kind) {
                            case "normal" -> (float) random.nextGaussian();
                            case "ties and zeros" -> random.nextInt(5) / 1024f;
                            case "zeros" -> 0f;
                            case "broken" ->
                                new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0, 1, 2, Float.MIN_VALUE}[i % 6];
                            default -> throw new AssertionError(kind);
                        }));
        return row;
    }

    /// How often each entry stays.
    private static int[] stays(int[] row, double least, double most) {
        Rivals rivals = new Rivals(row.length, least, most);
        int[] stays = new int[row.length];
        for (int attempt = 0; attempt < TRIES; attempt++) {
            System.arraycopy(row, 0, rivals.row(), 0, row.length);
            int[] masks = rivals.decide(Draws.key(attempt, "", ""), 0);
            for (int i = 0; i < row.length; i++) {
                assertThat(masks[i]).isIn(-1, 0);
                stays[i] -= masks[i];
            }
        }
        return stays;
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "ties and zeros", "zeros", "broken"})
    void theProbabilityIsThatOfTheRank(String kind) {
        for (int columns : new int[] {2, 3, 12}) {
            for (double epsilon : new double[] {0.02, 0.15, 0.49}) {
                int[] row = row(kind, columns);
                int[] stays = stays(row, 0.5 - epsilon, 0.5 + epsilon);
                for (int i = 0; i < columns; i++) {
                    double probability = 0.5 - epsilon + 2 * epsilon * rank(row, row[i]) / (columns - 1);
                    double sigma = Math.sqrt(probability * (1 - probability) / TRIES);
                    assertThat((double) stays[i] / TRIES).isCloseTo(probability, within(4.5 * sigma));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0.50000000001", "0.1, 0.2", "0.8, 0.99", "0.0000001, 0.9999999"})
    void probabilitiesMayLieAnywhere(double least, double most) {
        int[] row = row("normal", 5);
        int[] stays = stays(row, least, most);
        for (int i = 0; i < row.length; i++) {
            double probability = least + (most - least) * rank(row, row[i]) / 4;
            double sigma = Math.sqrt(probability * (1 - probability) / TRIES);
            assertThat((double) stays[i] / TRIES).isCloseTo(probability, within(4.5 * sigma + 1e-3 / TRIES));
        }
    }

    /// Two entries that are compared with each other, or with the same third, still stay independently of each other.
    @Test
    void entriesOfARowAreIndependent() {
        int[] row = row("normal", 3);
        Rivals rivals = new Rivals(3, 0.01, 0.99);
        int[][] both = new int[3][3];
        for (int attempt = 0; attempt < TRIES; attempt++) {
            System.arraycopy(row, 0, rivals.row(), 0, 3);
            int[] masks = rivals.decide(Draws.key(attempt, "", ""), 0);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    both[i][j] += masks[i] & masks[j] & 1;
                }
            }
        }
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < i; j++) {
                double expected = (double) both[i][i] / TRIES * both[j][j] / TRIES;
                assertThat((double) both[i][j] / TRIES).isCloseTo(expected, within(4.5 * 0.5 / Math.sqrt(TRIES)));
            }
        }
    }

    @Test
    void theExtremesOfADrawStayWithinTheRow() {
        // Every draw is undecided, also the first and the last.
        int columns = 1 << 16;
        Rivals rivals = new Rivals(columns, 0x1p-32, 1 - 0x1p-32);
        Arrays.setAll(rivals.row(), i -> i);
        int[] masks = rivals.decide(7, 0);
        int kept = -Arrays.stream(masks).sum();
        assertThat((double) kept / columns).isCloseTo(0.5, within(4.5 * 0.5 / Math.sqrt(columns)));
    }
}
