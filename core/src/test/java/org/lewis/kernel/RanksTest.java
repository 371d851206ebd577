package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ranks found through a histogram are those of the sorted row, whatever the row looks like.
class RanksTest {

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
                            case "one octave" -> 1 + random.nextInt(900) * 0x1p-23f;
                            case "all octaves" -> Float.intBitsToFloat(random.nextInt(0x7F800000));
                            case "broken" ->
                                new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0, 1, 2, Float.MIN_VALUE}[i % 6];
                            default -> throw new AssertionError(kind);
                        }));
        return row;
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "ties and zeros", "zeros", "one octave", "all octaves", "broken"})
    void aDrawKeepsWhatRanksAboveIt(String kind) {
        for (int columns : new int[] {1, 2, 7, 64, 896, 2000}) {
            int[] row = row(kind, columns);
            Ranks ranks = new Ranks(columns);
            // The second row must not remember the first.
            for (int shift : new int[] {0, 1}) {
                for (int i = 0; i < columns; i++) {
                    row[i] = Math.max(0, row[i] - shift);
                }
                System.arraycopy(row, 0, ranks.magnitudes(), 0, columns);
                ranks.count();
                for (double spread : new double[] {0.3, 0.98, 0}) {
                    agrees(ranks, row, 0.5 - spread / 2, spread == 0 ? 1e300 : (columns - 1) / spread);
                }
            }
        }
    }

    private static void agrees(Ranks ranks, int[] row, double smallest, double ranksPerShare) {
        int[] draws = new int[row.length];
        int[] masks = new int[row.length];
        Draws.draw(Double.doubleToLongBits(smallest), 0, draws, draws.length);
        if (draws.length > 6) {
            // Where the certain ends and chance begins.
            draws[0] = 0;
            draws[1] = -1;
            draws[2] = (int) (long) (smallest * 0x1p32);
            draws[3] = (int) (long) ((1 - smallest) * 0x1p32);
            draws[4] = draws[2] - 1;
            draws[5] = draws[3] + 1;
        }
        ranks.decide(row, draws, 0, row.length, smallest, ranksPerShare, masks);
        for (int i = 0; i < row.length; i++) {
            boolean stays = rank(row, row[i]) > (Draws.uniform(draws[i]) - smallest) * ranksPerShare;
            if (row[i] != 0) {
                assertThat(masks[i]).isEqualTo(stays ? -1 : 0);
            }
            assertThat(masks[i]).isIn(-1, 0);
        }
    }
}
