package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// Models of several modules, each merged in its own way.
class ModulesMergeTest {

    private static final String BASE = "merge_method: linear\nparameters: {weight: 1}\n";

    @TempDir
    Path folder;

    @BeforeEach
    void writeModels() throws IOException {
        model(1).write(folder.resolve("a"));
        model(3).write(folder.resolve("b"));
    }

    /// Two text layers and three of vision; every weight is the given value, plus ten times the layer.
    private static TestModel model(float value) {
        TestModel model = TestModel.empty().file("config.json", """
            {"model_type": "seeing", "text_config": {"model_type": "llama", "num_hidden_layers": 2,
             "no_rope_layers": [1, 0]},
             "vision_config": {"depth": 3, "hidden_size": 8}}\
            """);
        add(model, "model.language_model.embed_tokens.weight", value);
        add(model, "lm_head.weight", value);
        for (int layer = 0; layer < 2; layer++) {
            add(model, "model.language_model.layers." + layer + ".w", value + 10 * layer);
        }
        for (int layer = 0; layer < 3; layer++) {
            add(model, "model.visual.blocks." + layer + ".w", value + 10 * layer);
        }
        return add(model, "model.visual.merger.w", value);
    }

    private static TestModel add(TestModel model, String name, float value) {
        return model.add(name, Dtype.F32, Shape.of(2), value, value);
    }

    @Test
    void eachModuleHasModelsAndParametersOfItsOwn() throws IOException {
        Report report = merge(BASE + """
            modules:
              text_decoder:
                models: [{model: a, parameters: {weight: 0.25}}, {model: b, parameters: {weight: 0.75}}]
              visual:
                models: [{model: a}, {model: b}]
                parameters: {weight: [1, 2], normalize: false}
            """);
        assertThat(values())
                .isEqualTo(Map.of(
                        "lm_head.weight", 2.5f,
                        "model.language_model.embed_tokens.weight", 2.5f,
                        "model.language_model.layers.0.w", 2.5f,
                        "model.language_model.layers.1.w", 12.5f,
                        "model.visual.blocks.0.w", 4f,
                        "model.visual.blocks.1.w", 36f, // 1.5 in the middle of three layers
                        "model.visual.blocks.2.w", 88f,
                        "model.visual.merger.w", 4f));
        assertThat(report.notes()).isEmpty();
    }

    @Test
    void aModuleThatIsLeftOutStaysAsTheFirstModelHasIt() throws IOException {
        Report report = merge(BASE + "base_model: b\nmodules: {text_decoder: {models: [{model: a}]}}\n");
        assertThat(values())
                .containsEntry("model.language_model.layers.1.w", 11f)
                .containsEntry("lm_head.weight", 1f)
                .containsEntry("model.visual.blocks.1.w", 13f)
                .hasSize(8);
        assertThat(report.notes()).containsExactly("module visual: the recipe leaves it out, taken from b");
    }

    @Test
    void slicesOfAModuleChangeItsPartOfTheConfig() throws IOException {
        merge("""
            merge_method: passthrough
            modules:
              text_decoder:
                slices:
                  - sources: [{model: a, layer_range: [0, 2]}]
                  - sources: [{model: b, layer_range: [1, 2]}]
              visual:
                slices:
                  - sources: [{model: b, layer_range: [1, 3]}]
            """);
        assertThat(values())
                .containsEntry("model.language_model.layers.2.w", 13f)
                .containsEntry("lm_head.weight", 3f)
                .containsEntry("model.visual.blocks.0.w", 13f)
                .containsEntry("model.visual.blocks.1.w", 23f)
                .doesNotContainKey("model.visual.blocks.2.w");
        var config = Json.read(folder.resolve("out/config.json"));
        assertThat(config.get("text_config").plain())
                .isEqualTo(
                        Map.of("model_type", "llama", "num_hidden_layers", 3L, "no_rope_layers", List.of(1L, 0L, 0L)));
        assertThat(config.get("vision_config").plain()).isEqualTo(Map.of("depth", 2L, "hidden_size", 8L));
    }

    @Test
    void slicesOfTheWholeAreRefused() {
        assertThatThrownBy(() -> merge("""
            merge_method: passthrough
            slices:
              - sources: [{model: a, layer_range: [0, 2]}]
            """))
                .isInstanceOf(DocumentException.class)
                .hasMessage(
                        "r.yaml:3:3: slices: a has the modules text_decoder, visual, each with layers of its own; put"
                                + " `slices` under `modules`");
    }

    @Test
    void aModuleThatIsNotThereIsRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> merge(BASE + "modules: {text_encoder: {models: [{model: a}, {model: b}]}}\n"))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:3:25: modules.text_encoder: a has no module \"text_encoder\"; did you mean"
                        + " \"text_decoder\"?");
        assertThatThrownBy(() -> merge(BASE + "modules: {audio: {models: [{model: a}, {model: b}]}}\n"))
                .hasMessage("r.yaml:3:18: modules.audio: a has no module \"audio\"; known: text_decoder, visual");
    }

    @Test
    void encoderAndDecoderAreModules() throws IOException {
        for (String name : List.of("x", "y")) {
            float value = name.equals("x") ? 1 : 3;
            TestModel model = TestModel.empty().file("config.json", "{\"encoder_layers\": 2, \"decoder_layers\": 2}");
            for (int layer = 0; layer < 2; layer++) {
                add(model, "model.encoder.layers." + layer + ".w", value + 10 * layer);
                add(model, "model.decoder.layers." + layer + ".w", value + 10 * layer);
            }
            add(model, "proj_out.weight", value).write(folder.resolve(name));
        }
        merge("""
            merge_method: passthrough
            modules:
              encoder: {models: [{model: x}]}
              decoder: {slices: [{sources: [{model: y, layer_range: [1, 2]}]}]}
              proj_out: {models: [{model: y}]}
            """);
        assertThat(values())
                .isEqualTo(Map.of(
                        "model.encoder.layers.0.w", 1f,
                        "model.encoder.layers.1.w", 11f,
                        "model.decoder.layers.0.w", 13f,
                        "proj_out.weight", 3f));
        assertThat(Json.read(folder.resolve("out/config.json")).plain())
                .isEqualTo(Map.of("encoder_layers", 2L, "decoder_layers", 1L));
    }

    @Test
    void aModelWithoutPartsIsOneModule() throws IOException {
        TestModel.random(1).write(folder.resolve("plain"));
        Map<String, String> whole = Merge.run(recipe(BASE + "models: [{model: plain}]\n"), folder.resolve("whole"))
                .checksums();
        assertThat(merge(BASE + "modules: {default: {models: [{model: plain}]}}\n")
                        .checksums())
                .isEqualTo(whole);
    }

    private Report merge(String yaml) throws IOException {
        return Merge.run(recipe(yaml), folder.resolve("out"));
    }

    private Recipe recipe(String yaml) {
        return Recipe.parse("r.yaml", yaml, folder);
    }

    /// The value of each tensor.
    private Map<String, Float> values() throws IOException {
        Map<String, Float> values = new java.util.TreeMap<>();
        try (Checkpoint merged = Checkpoint.open(folder.resolve("out"))) {
            merged.tensors().forEach((name, tensor) -> values.put(name, tensor.floats()[0]));
        }
        return values;
    }
}
