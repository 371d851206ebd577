package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.forward.Tensors;

/// RegMean's and AIM's formulas, in double, on small cases.
class RegressionTest {

    private static final int FEATURES = 7;
    private static final int[] OUTPUTS = {4, 3};
    private static final int MODELS = 3;
    private static final int TOKENS = 40;

    private final Random random = new Random(3);

    private double[][] noise(int rows, int columns) {
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = random.nextGaussian();
            }
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9, 1})
    void theSolutionIsTheFormulas(double alpha) throws IOException {
        double[] weights = {1, 0.5, 2};
        int[] samples = {4, 10, 8};
        double[][] sum = new double[FEATURES][FEATURES];
        double[][][] products = {new double[OUTPUTS[0]][FEATURES], new double[OUTPUTS[1]][FEATURES]};
        try (NoGradGuard _ = new NoGradGuard();
                PointerScope _ = new PointerScope();
                Regression regression = new Regression(alpha, FEATURES, List.of(OUTPUTS[0], OUTPUTS[1]))) {
            for (int model = 0; model < MODELS; model++) {
                double[][] gram = gram(noise(TOKENS, FEATURES));
                double[][] shrunk = new double[FEATURES][FEATURES];
                for (int i = 0; i < FEATURES; i++) {
                    for (int j = 0; j < FEATURES; j++) {
                        shrunk[i][j] = gram[i][j] * (i == j ? 1 : alpha) * weights[model] / samples[model];
                        sum[i][j] += shrunk[i][j];
                    }
                }
                List<Tensor> layers = new ArrayList<>();
                for (int layer = 0; layer < OUTPUTS.length; layer++) {
                    double[][] own = noise(OUTPUTS[layer], FEATURES);
                    layers.add(tensor(own));
                    add(products[layer], multiply(own, shrunk));
                }
                regression.add(tensor(gram), samples[model], weights[model], layers);
            }
            List<Tensor> solution = regression.solve();
            for (int layer = 0; layer < OUTPUTS.length; layer++) {
                double[][] expected = rightDivide(products[layer], sum);
                float[] found = Tensors.view(solution.get(layer)).floats();
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i]).isCloseTo(expected[i / FEATURES][i % FEATURES], within(1e-4));
                }
            }
        }
    }

    @Test
    void featuresThatNoTextUsesGetTheMean() throws IOException {
        try (NoGradGuard _ = new NoGradGuard();
                PointerScope _ = new PointerScope();
                Regression regression = new Regression(0.9, FEATURES, List.of(2))) {
            double[] weights = {1, 3};
            double[][] mean = new double[2][FEATURES];
            for (double weight : weights) {
                double[][] inputs = noise(TOKENS, FEATURES);
                for (double[] row : inputs) {
                    row[2] = 0;
                }
                double[][] layer = noise(2, FEATURES);
                for (int row = 0; row < 2; row++) {
                    mean[row][2] += weight / 4 * layer[row][2];
                }
                regression.add(tensor(gram(inputs)), 5, weight, List.of(tensor(layer)));
            }
            float[] found = Tensors.view(regression.solve().getFirst()).floats();
            assertThat((double) found[2]).isCloseTo(mean[0][2], within(1e-5));
            assertThat((double) found[FEATURES + 2]).isCloseTo(mean[1][2], within(1e-5));
        }
    }

    @Test
    void equalLayersAreTheirOwnSolution() throws IOException {
        try (NoGradGuard _ = new NoGradGuard();
                PointerScope _ = new PointerScope();
                Regression regression = new Regression(0.9, FEATURES, List.of(2))) {
            double[][] layer = noise(2, FEATURES);
            for (int model = 0; model < MODELS; model++) {
                regression.add(tensor(gram(noise(TOKENS, FEATURES))), 5, 1, List.of(tensor(layer)));
            }
            float[] found = Tensors.view(regression.solve().getFirst()).floats();
            for (int i = 0; i < found.length; i++) {
                assertThat((double) found[i]).isCloseTo(layer[i / FEATURES][i % FEATURES], within(1e-5));
            }
        }
    }

    @Test
    void theBasesLargestActivationMovesByOmega() {
        float[] factors = Relaxation.factors(new double[] {2, 0, 8, 4}, 0.4);
        assertThat(factors).containsExactly(1 - 0.6f * 0.25f, 1, 0.4f, 0.7f);
        assertThat(Relaxation.factors(new double[3], 0.4)).containsExactly(1, 1, 1);
    }

    private static double[][] gram(double[][] inputs) {
        double[][] gram = new double[FEATURES][FEATURES];
        for (double[] row : inputs) {
            for (int i = 0; i < FEATURES; i++) {
                for (int j = 0; j < FEATURES; j++) {
                    gram[i][j] += row[i] * row[j];
                }
            }
        }
        return gram;
    }

    private static Tensor tensor(double[][] values) {
        float[] flat = new float[values.length * values[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) values[i / values[0].length][i % values[0].length];
        }
        Tensor tensor =
                torch.empty(new long[] {values.length, values[0].length}, new TensorOptions(ScalarType.Float), null);
        MemorySegment.copy(flat, 0, Tensors.memory(tensor), ValueLayout.JAVA_FLOAT, 0, flat.length);
        return tensor;
    }

    private static double[][] multiply(double[][] a, double[][] b) {
        double[][] product = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[0].length; j++) {
                    product[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return product;
    }

    private static void add(double[][] target, double[][] other) {
        for (int i = 0; i < target.length; i++) {
            for (int j = 0; j < target[i].length; j++) {
                target[i][j] += other[i][j];
            }
        }
    }

    /// `rows * matrix^-1` by elimination, for a symmetric matrix.
    private static double[][] rightDivide(double[][] rows, double[][] matrix) {
        double[][] result = new double[rows.length][];
        for (int r = 0; r < rows.length; r++) {
            double[][] a = new double[FEATURES][FEATURES + 1];
            for (int i = 0; i < FEATURES; i++) {
                System.arraycopy(matrix[i], 0, a[i], 0, FEATURES);
                a[i][FEATURES] = rows[r][i];
            }
            for (int pivot = 0; pivot < FEATURES; pivot++) {
                for (int i = 0; i < FEATURES; i++) {
                    double factor = i == pivot ? 0 : a[i][pivot] / a[pivot][pivot];
                    for (int j = pivot; j <= FEATURES; j++) {
                        a[i][j] -= factor * a[pivot][j];
                    }
                }
            }
            result[r] = new double[FEATURES];
            for (int i = 0; i < FEATURES; i++) {
                result[r][i] = a[i][FEATURES] / a[i][i];
            }
        }
        return result;
    }
}
