package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// Recipes of several documents, and merges that are computed without being written.
class StagesTest {

    private static final String FIRST = """
        merge_method: dare_ties
        base_model: base
        dtype: bfloat16
        models:
          - {model: math, parameters: {density: 0.5, weight: 1}}
          - {model: code, parameters: {density: 0.7, weight: 0.5}}
        """;

    /// Needs whole tensors of the first stage: thresholds, norms and row-wise ranks.
    private static final String SECOND = """
        merge_method: ties
        base_model: base
        models:
          - {model: first, parameters: {density: 0.3, weight: 1}}
          - {model: code, parameters: {density: 0.6, weight: 0.5}}
        """;

    private static final String LAST = """
        merge_method: slerp
        base_model: first
        models: [{model: second}]
        parameters: {t: [0.2, 0.7]}
        """;

    private static final String STAGED = "name: first\n" + FIRST + "---\nname: second\n" + SECOND + "---\n" + LAST;

    @TempDir
    Path folder;

    @BeforeEach
    void writeModels() throws IOException {
        for (int i = 0; i < 3; i++) {
            TestModel.random(i + 1)
                    .add("large.weight", Dtype.F32, Shape.of(300, 1000), noise(i))
                    .write(folder.resolve(List.of("base", "math", "code").get(i)));
        }
    }

    @Test
    void stagesMakeTheBytesThatMergingStepByStepMakes() throws IOException {
        Merge.run(recipe(FIRST), folder.resolve("first"));
        Merge.run(recipe(SECOND), folder.resolve("second"));
        Map<String, String> steps =
                Merge.run(recipe(LAST), folder.resolve("steps")).checksums();
        Report staged = Merge.run(recipe(STAGED), folder.resolve("staged"));
        assertThat(staged.checksums()).isEqualTo(steps).hasSize(7);
        assertThat(folder.resolve("staged/config.json")).hasSameTextualContentAs(folder.resolve("steps/config.json"));
        assertThat(Json.read(folder.resolve("staged/config.json"))
                        .get("torch_dtype")
                        .text())
                .isEqualTo("bfloat16");
    }

    @Test
    void stagesDoNotDependOnThreadsOrTheOrderOfDocuments() throws IOException {
        Map<String, String> one = Merge.run(
                        recipe(STAGED),
                        folder.resolve("1"),
                        42,
                        Options.standard().withThreads(1),
                        Progress.NONE)
                .checksums();
        String shuffled = LAST + "---\nname: second\n" + SECOND + "---\nname: first\n" + FIRST;
        Map<String, String> three = Merge.run(
                        recipe(shuffled),
                        folder.resolve("3"),
                        42,
                        Options.standard().withThreads(3),
                        Progress.NONE)
                .checksums();
        assertThat(three).isEqualTo(one);
    }

    @Test
    void theLastDocumentIsTheResultWhenAllHaveNames() throws IOException {
        Map<String, String> named = Merge.run(
                        recipe("name: first\n" + FIRST + "---\nname: end\n" + SECOND), folder.resolve("named"))
                .checksums();
        Map<String, String> unnamed = Merge.run(
                        recipe("name: first\n" + FIRST + "---\n" + SECOND), folder.resolve("unnamed"))
                .checksums();
        assertThat(named).isEqualTo(unnamed);
    }

    @Test
    void layersOfASlicedStageKeepTheirEntriesInTheConfig() throws IOException {
        TestModel.random(1)
                .file(
                        "config.json",
                        "{\"num_hidden_layers\": 2, \"layer_types\": [\"sliding_attention\", \"full_attention\"]}")
                .write(folder.resolve("typed"));
        Merge.run(recipe("""
            name: reversed
            merge_method: passthrough
            slices:
              - sources: [{model: typed, layer_range: [1, 2]}]
              - sources: [{model: typed, layer_range: [0, 1]}]
            ---
            merge_method: passthrough
            slices:
              - sources: [{model: reversed, layer_range: [0, 2]}]
              - sources: [{model: reversed, layer_range: [0, 1]}]
            """), folder.resolve("out"));
        assertThat(Json.read(folder.resolve("out/config.json")).plain())
                .isEqualTo(Map.of(
                        "num_hidden_layers",
                        3L,
                        "layer_types",
                        List.of("full_attention", "sliding_attention", "full_attention")));
    }

    @Test
    void theManifestShowsEachStageAndWhatItGaveToATensor() throws IOException {
        Merge.run(recipe(STAGED), folder.resolve("out"));
        Node manifest = Json.read(folder.resolve("out/lewis-manifest.json"));
        assertThat(manifest.get("stages").mapping().keySet()).containsExactly("first", "second");
        assertThat(manifest.get("inputs").sequence())
                .map(input -> input.get("model").text())
                .containsExactly("base", "math", "code");
        Node stages = manifest.get("resolved").get("model.norm.weight").get("stages");
        assertThat(stages.get("second").get("stages").get("first").get("models").plain())
                .isEqualTo(List.of(Map.of("density", 0.5, "weight", 1.0), Map.of("density", 0.7, "weight", 0.5)));
        assertThat(Files.readString(folder.resolve("out/lewis-recipe.yaml"))).isEqualTo(STAGED);
    }

    @Test
    void warningsNameTheStage() throws IOException {
        float[] norm = new float[16];
        norm[3] = Float.NaN;
        TestModel.random(2)
                .add("model.norm.weight", Dtype.F32, Shape.of(16), norm)
                .write(folder.resolve("broken"));
        String yaml = """
            name: first
            merge_method: linear
            parameters: {weight: 1}
            models: [{model: broken}, {model: broken}]
            ---
            merge_method: passthrough
            models: [{model: first}]
            """;
        TestModel.random(2).write(folder.resolve("whole"));
        assertThat(Merge.run(recipe(yaml), folder.resolve("out")).warnings())
                .containsExactly("model.norm.weight: 1 values of the result are NaN or infinite; first holds 1");
    }

    @Test
    void aModelThatIsNeitherAFolderNorAStageIsRefused() {
        assertThatThrownBy(
                        () -> Merge.run(recipe(STAGED.replace("model: second", "model: secnod")), folder.resolve("o")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("secnod: no such model folder, ")
                .hasMessageEndingWith("; no stage has that name, either; did you mean \"second\"?");
    }

    @Test
    void aMergedModelHoldsWhatAMergeWrites() throws IOException {
        Merge.run(recipe(STAGED), folder.resolve("out"));
        Path side;
        try (MergedModel merged = MergedModel.open(recipe(STAGED), 42);
                Checkpoint written = Checkpoint.open(folder.resolve("out"))) {
            assertThat(merged.tensors().keySet()).isEqualTo(written.tensors().keySet());
            for (Tensor tensor : written.tensors().values()) {
                ReadableTensor computed = merged.tensors().get(tensor.name());
                assertThat(computed.dtype()).isEqualTo(tensor.dtype());
                float[] values = new float[(int) tensor.elements()];
                computed.read(0, values.length, values);
                assertThat(values).as(tensor.name()).isEqualTo(tensor.floats());
                float[] middle = new float[7];
                computed.read(5, 7, middle);
                assertThat(middle).containsExactly(java.util.Arrays.copyOfRange(values, 5, 12));
            }
            side = merged.folder();
            try (var files = java.nio.file.Files.list(side)) {
                assertThat(files)
                        .contains(side.resolve("config.json"))
                        .allSatisfy(file -> assertThat(file)
                                .hasSameBinaryContentAs(folder.resolve("out").resolve(file.getFileName())));
            }
        }
        assertThat(side).doesNotExist();
    }

    private static float[] noise(int seed) {
        return TestModel.noise(new java.util.SplittableRandom(seed), 300_000);
    }

    private Recipe recipe(String yaml) {
        return Recipe.parse("recipe.yaml", yaml, folder);
    }
}
