package org.lewis.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.checkpoint.Adapter;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.engine.TestModel;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

final class ExtractionTest {

    private static final String GPT2 = """
        {"model_type": "gpt2", "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 16, "vocab_size": 12,
         "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5}\
        """;
    private static final String UP = "model.layers.0.mlp.up_proj";

    @TempDir
    Path folder;

    @Test
    void theBaseWithAFullAdapterIsTheModel() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("model"));
        Extraction.Report report = extract(rank(16));
        assertThat(report.fits()).hasSize(4).allSatisfy(fit -> {
            assertThat(fit.rank()).isEqualTo(16);
            assertThat(fit.error()).isLessThan(1e-6);
        });
        assertThat(report.whole()).containsExactly("model.embed_tokens.weight", "model.norm.weight");
        assertRestored(folder.resolve("model"), folder.resolve("base"), 1e-6);
    }

    /// The merged goldens differ from the base by exactly so many ranks.
    @ParameterizedTest
    @CsvSource({"plain, 8", "rslora_all, 8", "pattern, 16", "with_embed, 8"})
    void whatAnAdapterAddedIsFoundAgain(String adapter, int rank) throws IOException {
        Path goldens = goldens();
        Files.createDirectories(folder.resolve("model"));
        Files.copy(
                goldens.resolve("lora/" + adapter + "/expected_merged.safetensors"),
                folder.resolve("model/model.safetensors"));
        Files.copy(goldens.resolve("merge_llama/base/config.json"), folder.resolve("model/config.json"));
        Path base = goldens.resolve("merge_llama/base");
        Extraction.Report report = Extraction.run(
                folder.resolve("model"), base, "base", folder.resolve("adapter"), rank(rank), 2, (_, _) -> {});
        assertThat(report.fits()).isNotEmpty();
        assertThat(report.error()).isLessThan(1e-5);
        assertRestored(folder.resolve("model"), base, 1e-6);
    }

    @Test
    void theErrorIsWhatTheDiscardedSingularValuesHold() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("model"));
        Extraction.Report report = extract(rank(3));
        try (Checkpoint base = Checkpoint.open(folder.resolve("base"));
                Checkpoint model = Checkpoint.open(folder.resolve("model"));
                Adapter adapter = Adapter.open(folder.resolve("adapter"))) {
            for (Fit fit : report.fits()) {
                String name = fit.module() + ".weight";
                float[] wanted = model.tensor(name).floats();
                float[] original = base.tensor(name).floats();
                float[] found = floats(adapter.applyTo(base).get(name));
                double missed = 0;
                double all = 0;
                for (int i = 0; i < wanted.length; i++) {
                    missed += Math.pow(wanted[i] - found[i], 2);
                    all += Math.pow(wanted[i] - original[i], 2);
                }
                assertThat(fit.error()).isCloseTo(Math.sqrt(missed / all), within(1e-6));
                assertThat(fit.squares()).isCloseTo(all, within(1e-6 * all));
            }
        }
    }

    @Test
    void theEnergyDecidesTheRankOfEachModule() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("model"));
        Extraction.Report report = extract(new Choice(16, OptionalDouble.of(0.8), List.of(), List.of(), 42));
        for (Fit fit : report.fits()) {
            assertThat(fit.error()).isLessThanOrEqualTo(Math.sqrt(0.2));
            assertThat(fit.rank()).isBetween(2, 15);
        }
        Node config = Json.read(folder.resolve("adapter/adapter_config.json"));
        int most = report.fits().stream().mapToInt(Fit::rank).max().orElseThrow();
        assertThat(config.get("r").integer()).isEqualTo(most);
        for (Fit fit : report.fits()) {
            assertThat(config.get("rank_pattern")
                            .find(fit.module())
                            .map(Node::integer)
                            .orElse((long) most))
                    .isEqualTo((long) fit.rank());
        }
        assertThat(config.get("alpha_pattern").plain())
                .isEqualTo(config.get("rank_pattern").plain());
    }

    @Test
    void someModulesCanBeLeftOut() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("model"));
        Extraction.Report report = extract(new Choice(
                4,
                OptionalDouble.empty(),
                List.of(Pattern.compile("mlp"), Pattern.compile("norm")),
                List.of(Pattern.compile("layers\\.1")),
                42));
        assertThat(report.fits()).extracting(Fit::module).containsExactly(UP);
        assertThat(report.whole()).containsExactly("model.norm.weight");
        assertThat(report.excluded()).hasSize(4).contains("model.embed_tokens.weight");
        assertThat(Json.read(folder.resolve("adapter/adapter_config.json"))
                        .get("modules_to_save")
                        .plain())
                .isEqualTo(List.of("model.norm"));
    }

    @Test
    void whatDidNotChangeIsNotInTheAdapter() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(1)
                .add(UP + ".weight", Dtype.F32, Shape.of(32, 16), noise(3, 512))
                .write(folder.resolve("model"));
        Extraction.Report report = extract(rank(4));
        assertThat(report.fits()).extracting(Fit::module).containsExactly(UP);
        assertThat(report.whole()).isEmpty();
        assertThat(folder.resolve("adapter/README.md")).content().contains("| `" + UP + "` | 4 | 0.");
    }

    @Test
    void weightsStoredTheOtherWayRoundAreFoundByTheFamily() throws IOException {
        String name = "transformer.h.0.mlp.c_fc.weight";
        for (int seed = 1; seed <= 2; seed++) {
            TestModel.empty()
                    .file("config.json", GPT2)
                    .add(name, Dtype.F32, Shape.of(8, 32), noise(seed, 256))
                    .add("transformer.ln_f.weight", Dtype.F32, Shape.of(8), new float[8])
                    .write(folder.resolve(seed == 1 ? "base" : "model"));
        }
        extract(rank(8));
        assertThat(Json.read(folder.resolve("adapter/adapter_config.json"))
                        .get("fan_in_fan_out")
                        .flag())
                .isTrue();
        assertRestored(folder.resolve("model"), folder.resolve("base"), 1e-6);
    }

    @Test
    void biasesOfAdaptedLinearsComeAlong() throws IOException {
        TestModel.random(1)
                .add(UP + ".bias", Dtype.F32, Shape.of(32), new float[32])
                .write(folder.resolve("base"));
        TestModel.random(2)
                .add(UP + ".bias", Dtype.F32, Shape.of(32), noise(4, 32))
                .write(folder.resolve("model"));
        extract(rank(16));
        Node config = Json.read(folder.resolve("adapter/adapter_config.json"));
        assertThat(config.get("bias").text()).isEqualTo("all");
        // PEFT wraps what it adapts.
        assertThat(parts()).contains("base_model.model." + UP + ".base_layer.bias");
        assertRestored(folder.resolve("model"), folder.resolve("base"), 1e-6);
    }

    @Test
    void aBiasWhoseWeightDidNotChangeIsSavedAlone() throws IOException {
        TestModel.random(1)
                .add(UP + ".bias", Dtype.F32, Shape.of(32), new float[32])
                .write(folder.resolve("base"));
        TestModel.random(1)
                .add(UP + ".bias", Dtype.F32, Shape.of(32), noise(4, 32))
                .write(folder.resolve("model"));
        extract(rank(16));
        Node config = Json.read(folder.resolve("adapter/adapter_config.json"));
        assertThat(config.get("bias").text()).isEqualTo("all");
        assertThat(config.find("modules_to_save")).isEmpty();
        assertThat(parts()).containsExactly("base_model.model." + UP + ".bias");
        assertRestored(folder.resolve("model"), folder.resolve("base"), 0);
    }

    /// PEFT refuses a module of `modules_to_save` that lacks a tensor, and cannot adapt what is inside of one.
    @Test
    void aModuleIsSavedWithAllThatItHolds() throws IOException {
        for (int seed = 1; seed <= 2; seed++) {
            TestModel.empty()
                    .add("model.norm.weight", Dtype.F32, Shape.of(4), noise(seed, 4))
                    .add("model.norm.bias", Dtype.F32, Shape.of(4), noise(3, 4))
                    .add("model.layers.0.mixer.decay", Dtype.F32, Shape.of(4), noise(seed, 4))
                    .add("model.layers.0.mixer.in.weight", Dtype.F32, Shape.of(4, 4), noise(seed, 16))
                    .add("model.layers.0.mlp.weight", Dtype.F32, Shape.of(4, 4), noise(seed, 16))
                    .write(folder.resolve(seed == 1 ? "base" : "model"));
        }
        Extraction.Report report = extract(rank(4));
        assertThat(report.fits()).extracting(Fit::module).containsExactly("model.layers.0.mlp");
        assertThat(report.whole())
                .containsExactly(
                        "model.layers.0.mixer.decay",
                        "model.layers.0.mixer.in.weight",
                        "model.norm.bias",
                        "model.norm.weight");
        Node config = Json.read(folder.resolve("adapter/adapter_config.json"));
        assertThat(config.get("modules_to_save").plain()).isEqualTo(List.of("model.layers.0.mixer", "model.norm"));
        assertThat(config.get("target_modules").plain()).isEqualTo(List.of("model.layers.0.mlp"));
        assertThat(config.get("bias").text()).isEqualTo("none");
        assertRestored(folder.resolve("model"), folder.resolve("base"), 1e-6);
    }

    /// PEFT replaces the embeddings alone, so that a head that is tied to them would stay as in the base.
    @Test
    void aTiedHeadIsSavedBesideTheEmbeddings() throws IOException {
        writeGpt2("transformer.");
        extract(rank(8));
        assertThat(parts()).contains("base_model.model.transformer.wte.weight", "base_model.model.lm_head.weight");
        assertThat(Json.read(folder.resolve("adapter/adapter_config.json"))
                        .get("modules_to_save")
                        .plain())
                .isEqualTo(List.of("lm_head", "transformer.wte"));
        assertRestored(folder.resolve("model"), folder.resolve("base"), 1e-6);
    }

    /// The published GPT-2 is one.
    @Test
    void theAdapterOfABareDecoderIsNamedForTheWholeModel() throws IOException {
        writeGpt2("");
        Extraction.Report report = extract(rank(8));
        assertThat(report.fits()).extracting(Fit::module).containsExactly("transformer.h.0.mlp.c_fc");
        assertThat(parts())
                .contains(
                        "base_model.model.transformer.h.0.mlp.c_fc.lora_A.weight",
                        "base_model.model.transformer.h.0.mlp.c_fc.base_layer.bias");
        assertRestored(folder.resolve("model"), folder.resolve("base"), 1e-6);
    }

    @Test
    void threadsDoNotChangeTheAdapter() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("model"));
        byte[] two = adapterOf(2);
        assertThat(adapterOf(1)).isEqualTo(two);
        assertThat(adapterOf(5)).isEqualTo(two);
    }

    private byte[] adapterOf(int threads) throws IOException {
        Path output = folder.resolve("by" + threads);
        Extraction.run(folder.resolve("model"), folder.resolve("base"), "base", output, rank(5), threads, (_, _) -> {});
        return Files.readAllBytes(output.resolve("adapter_model.safetensors"));
    }

    /// One layer of two linears that differ, with their biases, and tied embeddings.
    private void writeGpt2(String root) throws IOException {
        for (int seed = 1; seed <= 2; seed++) {
            TestModel.empty()
                    .file("config.json", GPT2)
                    .add(root + "wte.weight", Dtype.F32, Shape.of(12, 8), noise(seed, 96))
                    .add(root + "h.0.mlp.c_fc.weight", Dtype.F32, Shape.of(8, 32), noise(seed, 256))
                    .add(root + "h.0.mlp.c_fc.bias", Dtype.F32, Shape.of(32), noise(seed, 32))
                    .add(root + "ln_f.weight", Dtype.F32, Shape.of(8), new float[8])
                    .write(folder.resolve(seed == 1 ? "base" : "model"));
        }
    }

    private Set<String> parts() throws IOException {
        try (Adapter adapter = Adapter.open(folder.resolve("adapter"))) {
            return Set.copyOf(adapter.tensors().keySet());
        }
    }

    @Test
    void equalModelsHaveNoAdapter() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(1).write(folder.resolve("model"));
        refused("/model and DIR/base do not differ; there is no adapter to write");
    }

    @Test
    void modelsOfOtherShapesAreRefused() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2)
                .add("model.norm.weight", Dtype.F32, Shape.of(15), new float[15])
                .write(folder.resolve("model"));
        refused("model.norm.weight: shapes differ: [15] in DIR/model, [16] in DIR/base; an adapter cannot change the"
                + " size of a tensor");
    }

    @Test
    void modelsOfOtherTensorsAreRefused() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).without("model.norm.weight").write(folder.resolve("model"));
        refused("/model and DIR/base do not have the same tensors: model.norm.weight (only in DIR/base)");
    }

    @Test
    void differencesThatAreNotFiniteAreRefused() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        float[] values = noise(3, 512);
        values[5] = Float.POSITIVE_INFINITY;
        TestModel.random(2)
                .add(UP + ".weight", Dtype.F32, Shape.of(32, 16), values)
                .write(folder.resolve("model"));
        refused(UP + ".weight: the difference of DIR/model and DIR/base holds NaN or infinite values");
    }

    private void refused(String message) {
        assertThatThrownBy(() -> extract(rank(4)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageEndingWith(message.replace("DIR", folder.toString()));
        assertThat(folder.resolve("adapter")).doesNotExist();
        assertThat(folder.resolve(".adapter.part")).doesNotExist();
    }

    private Extraction.Report extract(Choice choice) throws IOException {
        return Extraction.run(
                folder.resolve("model"),
                folder.resolve("base"),
                "base",
                folder.resolve("adapter"),
                choice,
                2,
                (_, _) -> {});
    }

    private static Choice rank(int rank) {
        return new Choice(rank, OptionalDouble.empty(), List.of(), List.of(), 42);
    }

    private void assertRestored(Path model, Path baseFolder, double tolerance) throws IOException {
        try (Checkpoint wanted = Checkpoint.open(model);
                Checkpoint base = Checkpoint.open(baseFolder);
                Adapter adapter = Adapter.open(folder.resolve("adapter"))) {
            var restored = adapter.applyTo(base);
            for (Tensor tensor : wanted.tensors().values()) {
                float[] values = tensor.floats();
                float[] found = floats(restored.get(tensor.name()));
                double scale = 0;
                double worst = 0;
                for (int i = 0; i < values.length; i++) {
                    scale = Math.max(scale, Math.abs(values[i]));
                    worst = Math.max(worst, Math.abs(values[i] - found[i]));
                }
                assertThat(worst).as(tensor.name()).isLessThanOrEqualTo(tolerance * scale);
            }
        }
    }

    private static float[] floats(ReadableTensor tensor) {
        float[] values = new float[(int) tensor.elements()];
        tensor.read(0, values.length, values);
        return values;
    }

    private static float[] noise(int seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Path goldens() {
        try {
            return Path.of(ExtractionTest.class.getResource("/goldens").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
