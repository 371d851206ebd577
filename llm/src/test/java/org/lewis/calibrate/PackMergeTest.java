package org.lewis.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.Safetensors;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Device;
import org.lewis.forward.Golden;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.tensor.Tensor;

final class PackMergeTest {

    private static final List<int[]> IDS =
            List.of(new int[] {1, 2, 3, 4, 5, 6, 7}, new int[] {8, 9}, new int[] {10, 11, 12}, new int[] {13});

    @TempDir
    Path folder;

    static Stream<String> families() throws IOException {
        return Golden.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void partsAddUpToOnePass(String family) throws IOException {
        Path whole = pack(family, "whole", PackInfo.Gram.DIAGONAL, IDS);
        Path first = pack(family, "first", PackInfo.Gram.DIAGONAL, IDS.subList(0, 1));
        Path second = pack(family, "second", PackInfo.Gram.DIAGONAL, IDS.subList(1, 3));
        Path third = pack(family, "third", PackInfo.Gram.DIAGONAL, IDS.subList(3, 4));
        Path sum = folder.resolve("sum");

        for (List<Path> order : List.of(List.of(first, second, third), List.of(third, first, second))) {
            PackMerge.merge(order, sum);
            assertEqual(Pack.read(sum), Pack.read(whole));
        }
    }

    @Test
    void ordinarySumsAreExact() throws IOException {
        Path whole = pack("llama", "whole", PackInfo.Gram.DIAGONAL, IDS);
        Path sum = folder.resolve("sum");
        PackMerge.merge(
                List.of(
                        pack("llama", "second", PackInfo.Gram.DIAGONAL, IDS.subList(2, 4)),
                        pack("llama", "first", PackInfo.Gram.DIAGONAL, IDS.subList(0, 2))),
                sum);
        assertThat(sum).hasSameBinaryContentAs(whole);
    }

    /// But for the last bit of a sum whose shares differ by nine orders of magnitude.
    private static void assertEqual(Pack found, Pack expected) {
        assertThat(found.info()).isEqualTo(expected.info());
        expected.byWeight().forEach((weight, linear) -> {
            LinearStatistics sum = found.of(weight);
            assertThat(sum.tokens()).isEqualTo(linear.tokens());
            assertThat(sum.weightSquares()).containsExactly(linear.weightSquares());
            assertThat(sum.outputNormSum()).isCloseTo(linear.outputNormSum(), withinPercentage(1e-12));
            for (int i = 0; i < linear.inputSquares().length; i++) {
                assertThat(sum.inputSquares()[i]).isCloseTo(linear.inputSquares()[i], withinPercentage(1e-12));
                assertThat(sum.inputMagnitudes()[i]).isCloseTo(linear.inputMagnitudes()[i], withinPercentage(1e-12));
            }
        });
    }

    @Test
    void gramMatricesHoldTheProductsOfInputs() throws IOException {
        Path whole = pack("llama", "whole", PackInfo.Gram.FULL, IDS);
        Path sum = folder.resolve("sum");
        PackMerge.merge(
                List.of(
                        pack("llama", "first", PackInfo.Gram.FULL, IDS.subList(0, 1)),
                        pack("llama", "second", PackInfo.Gram.FULL, IDS.subList(1, 4))),
                sum);
        Map<String, double[]> expected = products("llama");

        for (Path file : List.of(whole, sum)) {
            try (Safetensors stored = Safetensors.open(file)) {
                assertThat(stored.tensors().keySet().stream().filter(name -> name.endsWith(".gram")))
                        .hasSize(4 * 3)
                        .contains("model.layers.0.self_attn.q_proj.weight.gram")
                        .doesNotContain("model.layers.0.self_attn.k_proj.weight.gram");
                assertThat(stored.metadata().get("gram_of"))
                        .contains("\"model.layers.1.mlp.up_proj.weight\":\"model.layers.1.mlp.gate_proj.weight\"");
                expected.forEach((weight, products) -> {
                    Tensor gram = stored.tensors().get(weight + ".gram");
                    if (gram != null) {
                        assertClose(gram.floats(), products);
                    }
                });
            }
        }
    }

    @Test
    void theSameInputGivesTheSameBytesWithGramMatricesToo() throws IOException {
        Path one = pack("gpt2", "one", PackInfo.Gram.FULL, IDS);
        Path other = pack("gpt2", "other", PackInfo.Gram.FULL, IDS);
        assertThat(one).hasSameBinaryContentAs(other);
    }

    @Test
    void packsThatDoNotBelongTogetherAreRefused() throws IOException {
        Path llama = pack("llama", "llama", PackInfo.Gram.DIAGONAL, IDS);
        refused(llama, pack("mistral", "mistral", PackInfo.Gram.DIAGONAL, IDS), "different model hashes: ");
        refused(llama, pack("llama", "full", PackInfo.Gram.FULL, IDS), "different Gram matrices: diagonal and full");
        Path rounded = folder.resolve("rounded");
        Calibration.in(Precision.BFLOAT16)
                .run(ModelLocation.of(model("llama")), CalibrationText.of(IDS), rounded, BlockStream.Progress.NONE);
        refused(llama, rounded, "different precisions: FLOAT32 and BFLOAT16");
        Path pruned = folder.resolve("pruned");
        Calibration.in(Precision.FLOAT32)
                .pruning(0.5)
                .run(ModelLocation.of(model("llama")), CalibrationText.of(IDS), pruned, BlockStream.Progress.NONE);
        refused(llama, pruned, "different sparsity ratios: 0.0 and 0.5");
        refused(pruned, pruned, "packs of a pass that pruned cannot be added up");
        refused(llama, Files.writeString(folder.resolve("text"), "no pack at all"), "header length");
    }

    @Test
    void aFailedPassLeavesNothing() {
        Path target = folder.resolve("none");
        assertThatThrownBy(() -> Calibration.in(Precision.FLOAT32)
                        .run(
                                ModelLocation.of(model("llama")),
                                CalibrationText.of(List.of(new int[] {60})),
                                target,
                                BlockStream.Progress.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageEndingWith("sequence 0, token 0: id 60 is outside the vocabulary of 60");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void activationsOnDiskGiveTheSameBytesAndAreGoneAfterwards() throws IOException {
        Path spilled = folder.resolve("spilled");
        for (double ratio : new double[] {0, 0.5}) {
            Path whole = folder.resolve("whole");
            Calibration.in(Precision.FLOAT32)
                    .pruning(ratio)
                    .run(ModelLocation.of(model("gemma2")), CalibrationText.of(IDS), whole, BlockStream.Progress.NONE);
            for (long memory : new long[] {0, 1500}) {
                Path disk = folder.resolve("disk");
                new Calibration(
                                Precision.FLOAT32,
                                ratio,
                                PackInfo.Gram.DIAGONAL,
                                new Resources(Device.CPU, memory, disk))
                        .run(
                                ModelLocation.of(model("gemma2")),
                                CalibrationText.of(IDS),
                                spilled,
                                BlockStream.Progress.NONE);
                assertThat(spilled).hasSameBinaryContentAs(whole);
                assertThat(disk).isEmptyDirectory();
            }
        }
    }

    @Test
    void hashesOfModelsKnowConfigsAndWeightsButNotShards() throws IOException {
        PackInfo llama =
                Pack.read(pack("llama", "llama", PackInfo.Gram.DIAGONAL, IDS)).info();
        Path copy = Files.createDirectory(folder.resolve("copy"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(model("llama").resolve(file), copy.resolve(file));
        }
        assertThat(hash(copy)).isEqualTo(llama.model());
        byte[] weights = Files.readAllBytes(copy.resolve("model.safetensors"));
        weights[weights.length - 3] ^= 1;
        Files.write(copy.resolve("model.safetensors"), weights);
        assertThat(hash(copy)).isNotEqualTo(llama.model());
    }

    private static String hash(Path model) throws IOException {
        return Calibration.in(Precision.FLOAT32)
                .run(ModelLocation.of(model), CalibrationText.of(IDS), BlockStream.Progress.NONE)
                .info()
                .model();
    }

    private void refused(Path one, Path other, String problem) {
        Path target = folder.resolve("refused");
        assertThatThrownBy(() -> PackMerge.merge(List.of(one, other), target))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(problem);
        assertThat(target).doesNotExist();
    }

    private Path pack(String family, String name, PackInfo.Gram gram, List<int[]> ids) throws IOException {
        Path file = folder.resolve(name);
        new Calibration(Precision.FLOAT32, 0, gram, Resources.standard())
                .run(ModelLocation.of(model(family)), CalibrationText.of(ids), file, BlockStream.Progress.NONE);
        return file;
    }

    private static Path model(String family) throws IOException {
        return Golden.root().resolve(family);
    }

    /// `X^T X` of every linear in plain loops.
    private static Map<String, double[]> products(String family) throws IOException {
        Map<String, double[]> products = new TreeMap<>();
        try (LanguageModel model = LanguageModel.open(model(family), Precision.FLOAT32);
                Arena arena = Arena.ofConfined()) {
            for (int[] ids : IDS) {
                model.logits(
                        List.of(ids),
                        (linear, input, _) -> {
                            int in = linear.in();
                            float[] rows = org.lewis.forward.Tensors.view(input).floats();
                            double[] sums = products.computeIfAbsent(linear.weight(), _ -> new double[in * in]);
                            for (int row = 0; row < rows.length; row += in) {
                                for (int i = 0; i < in * in; i++) {
                                    sums[i] += (double) rows[row + i / in] * rows[row + i % in];
                                }
                            }
                        },
                        arena);
            }
        }
        return products;
    }

    private static void assertClose(float[] found, double[] expected) {
        double scale = 0;
        for (double value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(found[i] - expected[i])).isLessThan(1e-5 * scale);
        }
    }
}
