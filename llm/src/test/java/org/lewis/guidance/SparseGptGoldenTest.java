package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.calibrate.GramMatrix;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.forward.Tensors;
import org.lewis.kernel.Magnitudes;

/// Hessians, importance and error-corrected pruning against a reference implementation.
class SparseGptGoldenTest {

    private NoGradGuard guard;
    private PointerScope scope;

    @BeforeEach
    void enter() {
        guard = new NoGradGuard();
        scope = new PointerScope();
    }

    @AfterEach
    void leave() {
        scope.close();
        guard.close();
    }

    /// @param samples sequences in all batches of inputs
    private record Case(Node parameters, List<Tensor> inputs, int samples, Safetensors file) implements AutoCloseable {

        static Case read(String name) throws IOException {
            Safetensors file = Safetensors.open(goldens().resolve(name + ".safetensors"));
            List<Tensor> inputs = new ArrayList<>();
            int samples = 0;
            for (String batch : List.of("x0", "x1", "x2")) {
                Tensor rows = tensor(file.tensors().get(batch));
                samples += Math.toIntExact(rows.size(0));
                inputs.add(rows.flatten(0, 1));
            }
            return new Case(Json.read(goldens().resolve("cases.json")).get(name), inputs, samples, file);
        }

        float[] expected(String name) {
            return file.tensors().get(name).floats();
        }

        double density() {
            return parameters.get("density").number();
        }

        GramMatrix gram() {
            GramMatrix gram = new GramMatrix(Math.toIntExact(inputs.getFirst().size(1)));
            inputs.forEach(gram::add);
            return gram;
        }

        InverseHessian inverse(GramMatrix gram) throws IOException {
            return InverseHessian.of(
                    gram.matrix(), samples, parameters.get("percdamp").number(), note -> {
                        throw new AssertionError(note);
                    });
        }

        @Override
        public void close() {
            file.close();
        }
    }

    static Path goldens() {
        try {
            return Path.of(
                    SparseGptGoldenTest.class.getResource("/goldens/sparsegpt").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Tensor tensor(org.lewis.tensor.Tensor stored) {
        long[] shape =
                stored.shape().dimensions().stream().mapToLong(Long::longValue).toArray();
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Float), null);
        MemorySegment.copy(
                stored.floats(), 0, Tensors.memory(tensor), ValueLayout.JAVA_FLOAT, 0, (int) stored.elements());
        return tensor;
    }

    @ParameterizedTest
    @ValueSource(strings = {"square", "wide", "tall_rescaled", "odd_block"})
    void theHessianAndItsInverseAreTheReferences(String name) throws IOException {
        try (Case golden = Case.read(name);
                GramMatrix gram = golden.gram()) {
            float[] matrix = Tensors.view(gram.matrix()).floats();
            assertClose(scaled(matrix, 2f / golden.samples()), golden.expected("hessian"), 1e-5);

            InverseHessian inverse = golden.inverse(gram);
            assertClose(inverse.diagonal(), golden.expected("inverse_hessian_diag"), 1e-5);
            assertClose(
                    Tensors.view(inverse.factor()).floats(), golden.expected("inverse_hessian_cholesky_upper"), 1e-5);
            List<Integer> dead = new ArrayList<>();
            for (int i = 0; i < inverse.dead().length; i++) {
                if (inverse.dead()[i]) {
                    dead.add(i);
                }
            }
            assertThat(dead)
                    .isEqualTo(golden.parameters().get("dead_columns").sequence().stream()
                            .map(column -> column.integer(0, 1000))
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"square", "wide", "tall_rescaled", "odd_block"})
    void importanceAndMaskAreTheReferences(String name) throws IOException {
        try (Case golden = Case.read(name);
                GramMatrix gram = golden.gram()) {
            float[] scales = golden.inverse(gram).scales();
            float[] weights = golden.expected("task_vector");
            float[] importance = golden.expected("importance");
            float[] mask = golden.expected("mask");
            int[] ranked = new int[weights.length];
            for (int i = 0; i < weights.length; i++) {
                float scaled = weights[i] * scales[i % scales.length];
                assertThat(scaled * scaled).isCloseTo(importance[i], within(1e-4f * importance[i] + 1e-30f));
                ranked[i] = Magnitudes.of(scaled);
            }
            int kept = (int) (golden.density() * weights.length);
            int threshold = Magnitudes.select(ranked, ranked.length, kept);
            for (int i = 0; i < mask.length; i++) {
                assertThat(ranked[i] >= threshold ? 1f : 0f).as("mask of " + i).isEqualTo(mask[i]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"square", "wide", "tall_rescaled", "odd_block"})
    void correctedValuesAreTheReferences(String name) throws IOException {
        try (Case golden = Case.read(name);
                GramMatrix gram = golden.gram()) {
            Tensor weights = tensor(golden.file().tensors().get("task_vector"));
            ErrorCorrection correction = new ErrorCorrection(
                    golden.parameters().get("blocksize").integer(1, 1000),
                    Optional.empty(),
                    golden.parameters().get("rescale").flag());
            correction.prune(weights, golden.inverse(gram), golden.density());

            float[] pruned = Tensors.view(weights).floats();
            float[] expected = golden.expected("pruned");
            assertClose(pruned, expected, 1e-4);
            for (int i = 0; i < pruned.length; i++) {
                assertThat(pruned[i] == 0).as("dropped " + i).isEqualTo(expected[i] == 0);
            }
        }
    }

    private static float[] scaled(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return values;
    }

    /// Within a share of the largest.
    private static void assertClose(float[] found, float[] expected, double share) {
        assertThat(found).hasSize(expected.length);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).as("element " + i).isCloseTo(expected[i], within(share * largest));
        }
    }
}
