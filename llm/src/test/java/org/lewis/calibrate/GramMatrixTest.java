package org.lewis.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.forward.Tensors;

class GramMatrixTest {

    /// Sizes below, at and beyond a step of the staircase.
    @ParameterizedTest
    @CsvSource({"1, Float", "5, BFloat16", "1023, Float", "1024, Float", "1025, BFloat16", "2500, Float"})
    void theWholeMatrixIsTheSumOfProducts(int features, ScalarType type) {
        torch.manual_seed(features);
        try (NoGradGuard _ = new NoGradGuard();
                PointerScope _ = new PointerScope();
                GramMatrix gram = new GramMatrix(features)) {
            Tensor expected = torch.zeros(new long[] {features, features}, new TensorOptions(ScalarType.Double));
            for (int tokens : new int[] {3, 17, 1}) {
                Tensor input = torch.randn(tokens, features).to(type);
                gram.add(input);
                Tensor wide = input.to(ScalarType.Double);
                expected.add_(torch.mm(wide.t(), wide));
            }
            assertThat(gram.tokens()).isEqualTo(21);
            float[] sums = Tensors.view(gram.matrix()).floats();
            float[] doubles = Tensors.view(expected).floats();
            for (int i = 0; i < sums.length; i++) {
                assertThat(sums[i]).isCloseTo(doubles[i], within(1e-4f));
            }
        }
    }
}
