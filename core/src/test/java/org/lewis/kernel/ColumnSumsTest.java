package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ColumnSumsTest {

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void squaresAreAddedRowByRow(int length) {
        float[][] rows = rows(length);
        float[] expected = new float[length];
        for (float[] row : rows) {
            for (int i = 0; i < length; i++) {
                expected[i] = Math.fma(row[i], row[i], expected[i]);
            }
        }
        float[] sums = Samples.noise(length, 1);
        ColumnSums.squares(rows, sums);
        assertThat(Samples.bitsOfNumbers(sums)).isEqualTo(Samples.bitsOfNumbers(expected));
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void magnitudesAreAddedRowByRow(int length) {
        float[][] rows = rows(length);
        float[] expected = new float[length];
        for (float[] row : rows) {
            for (int i = 0; i < length; i++) {
                expected[i] += Math.abs(row[i]);
            }
        }
        float[] sums = Samples.noise(length, 1);
        ColumnSums.magnitudes(rows, sums);
        assertThat(Samples.bitsOfNumbers(sums)).isEqualTo(Samples.bitsOfNumbers(expected));
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void sumsGrowInDouble(int length) {
        float[] few = Samples.noise(length, 2);
        double[] sums = IntStream.range(0, length).mapToDouble(i -> 1e9 * i).toArray();
        ColumnSums.add(few, sums);
        for (int i = 0; i < length; i++) {
            assertThat(sums[i]).isEqualTo(1e9 * i + few[i]);
        }
    }

    private static float[][] rows(int length) {
        return IntStream.range(0, ColumnSums.ROWS)
                .mapToObj(row -> Samples.mixed(length, row))
                .toArray(float[][]::new);
    }
}
