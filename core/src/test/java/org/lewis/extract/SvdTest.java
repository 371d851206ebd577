package org.lewis.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.kernel.Conversion;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

final class SvdTest {

    /// The last two are searched with random vectors, the others decomposed as a whole.
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 7", "7, 1", "5, 5", "20, 33", "33, 20", "260, 300", "300, 260"})
    void aMatrixOfKnownSingularValuesGivesThem(int rows, int columns) {
        int side = Math.min(rows, columns);
        double[] values = new double[side];
        for (int k = 0; k < side; k++) {
            values[k] = 3 * Math.pow(0.7, k);
        }
        Svd svd = Svd.of(matrix(rows, columns, values), 6, 1);
        assertThat(svd.values()).hasSize(Math.min(6, side));
        for (int k = 0; k < svd.values().length; k++) {
            assertThat(svd.values()[k]).isCloseTo(values[k], within(1e-6 * values[0]));
        }
    }

    @Test
    void flatSpectraOfLargeMatricesAreFoundNearly() {
        double[] values = new double[260];
        for (int k = 0; k < values.length; k++) {
            values[k] = 1 / Math.sqrt(k + 1);
        }
        Svd svd = Svd.of(matrix(260, 300, values), 20, 1);
        for (int k = 0; k < 20; k++) {
            assertThat(svd.values()[k]).isCloseTo(values[k], within(1e-3 * values[k]));
        }
    }

    @Test
    void theEnergyIsThatOfTheSingularValues() {
        Svd svd = Svd.of(matrix(9, 12, 4, 2, 1, 0.5), 12, 1);
        assertThat(svd.squares()).isCloseTo(16 + 4 + 1 + 0.25, within(1e-5));
        assertThat(svd.energy(0)).isZero();
        assertThat(svd.energy(1)).isCloseTo(16 / 21.25, within(1e-6));
        assertThat(svd.energy(2)).isCloseTo(20 / 21.25, within(1e-6));
        assertThat(svd.energy(4)).isCloseTo(1, within(1e-6));
    }

    @Test
    void theVectorsAreOrthonormalAndMakeTheMatrix() {
        Matrix matrix = matrix(12, 9, 4, 2, 1, 0.5, 0.25);
        Svd svd = Svd.of(matrix, 5, 1);
        for (double[][] vectors : new double[][][] {svd.left(), svd.right()}) {
            for (int i = 0; i < 5; i++) {
                for (int j = 0; j < 5; j++) {
                    double product = 0;
                    for (int k = 0; k < vectors[i].length; k++) {
                        product += vectors[i][k] * vectors[j][k];
                    }
                    assertThat(product).isCloseTo(i == j ? 1 : 0, within(1e-6));
                }
            }
        }
        Matrix.Scratch row = new Matrix.Scratch(9);
        for (int r = 0; r < 12; r++) {
            matrix.read(r, 0, 9, row);
            for (int c = 0; c < 9; c++) {
                double sum = 0;
                for (int k = 0; k < 5; k++) {
                    sum += svd.values()[k] * svd.left()[k][r] * svd.right()[k][c];
                }
                assertThat(sum).isCloseTo(row.values[c], within(1e-6));
            }
        }
    }

    @Test
    void zerosHaveNoSingularValues() {
        assertThat(Svd.of(matrix(4, 5, 0), 3, 1).values()).isEmpty();
        assertThat(Svd.of(matrix(300, 260, 0), 3, 1).values()).isEmpty();
    }

    @Test
    void valuesThatAreNotFiniteAreRefused() {
        Matrix matrix = new Matrix(tensor(1, 2, new float[] {1, Float.NaN}), tensor(1, 2, new float[2]));
        assertThatThrownBy(() -> Svd.of(matrix, 1, 1))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("holds NaN or infinite values");
    }

    /// The product of random orthonormal vectors with the singular values between.
    private static Matrix matrix(int rows, int columns, double... values) {
        SplittableRandom random = new SplittableRandom(rows * 1000L + columns);
        double[][] left = orthonormal(values.length, rows, random);
        double[][] right = orthonormal(values.length, columns, random);
        float[] product = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                double sum = 0;
                for (int k = 0; k < values.length; k++) {
                    sum += values[k] * left[k][r] * right[k][c];
                }
                product[r * columns + c] = (float) sum;
            }
        }
        return new Matrix(tensor(rows, columns, product), tensor(rows, columns, new float[product.length]));
    }

    private static double[][] orthonormal(int count, int length, SplittableRandom random) {
        double[][] vectors = new double[count][length];
        for (int k = 0; k < count; k++) {
            double[] vector = vectors[k];
            Arrays.setAll(vector, _ -> random.nextGaussian());
            for (int pass = 0; pass < 3; pass++) {
                for (int before = 0; before < k; before++) {
                    double product = 0;
                    for (int i = 0; i < length; i++) {
                        product += vector[i] * vectors[before][i];
                    }
                    for (int i = 0; i < length; i++) {
                        vector[i] -= product * vectors[before][i];
                    }
                }
            }
            double norm = Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
            for (int i = 0; i < length; i++) {
                vector[i] /= norm;
            }
        }
        return vectors;
    }

    private static Tensor tensor(int rows, int columns, float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Float.BYTES]);
        Conversion.toFloat32(values, values.length, bytes, 0);
        return new Tensor("w", Dtype.F32, Shape.of(rows, columns), bytes);
    }
}
