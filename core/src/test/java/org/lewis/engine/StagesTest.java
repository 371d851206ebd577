package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.merge.Crew;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
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
    void aStageThatTwoNeedIsComputedOnce() throws IOException {
        String twice = """
            name: a
            merge_method: linear
            models: [{model: base, parameters: {weight: 1}}, {model: math, parameters: {weight: 1}}]
            ---
            name: b
            merge_method: linear
            models: [{model: a, parameters: {weight: 1}}, {model: code, parameters: {weight: 1}}]
            ---
            merge_method: linear
            models: [{model: b, parameters: {weight: 1}}, {model: a, parameters: {weight: 1}}]
            """;
        assertThat(computed(twice)).isEqualTo(2);
        assertThat(computed(twice.replace("model: a,", "model: base,"))).isEqualTo(1);
    }

    /// How many tensors of earlier stages are computed for one of the result.
    private int computed(String text) throws IOException {
        Recipe recipe = recipe(text);
        AtomicInteger passes = new AtomicInteger();
        Crew counting = new Crew() {
            @Override
            public <T> List<T> map(int count, IntFunction<T> task) {
                passes.incrementAndGet();
                return Crew.ALONE.map(count, task);
            }
        };
        try (Sources sources = Sources.open(recipe);
                Arena arena = Arena.ofConfined()) {
            Plan plan = Plan.of(recipe, sources, 42);
            TensorJob.Merged job = (TensorJob.Merged) plan.jobs().stream()
                    .filter(one -> one.slot().name().equals("large.weight"))
                    .findFirst()
                    .orElseThrow();
            JobInputs.of(job, OpenPlan.of(plan, sources, Crew.ALONE)).computed(arena, counting);
        }
        return passes.get();
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
        assertThat(Files.readString(folder.resolve("out/README.md")))
                .startsWith("---\nbase_model:\n- base\n- math\n- code\n")
                .contains("with the method `slerp`: ")
                .contains(" Before that were made `first` by `dare_ties`, `second` by `ties`.\n");
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

    /// The paper's TIES ranks the entries of whole models; here its first stage's, too.
    @Test
    void stagesOfWholeModelsMakeTheBytesThatMergingStepByStepMakes() throws IOException {
        String second = SECOND + "semantics: paper\n";
        String last = second.replace("first", "second").replace("0.3", "0.4");
        Merge.run(recipe(FIRST), folder.resolve("first"));
        Merge.run(recipe(second), folder.resolve("second"));
        Map<String, String> steps =
                Merge.run(recipe(last), folder.resolve("steps")).checksums();
        String staged = "name: first\n" + FIRST + "---\nname: second\n" + second + "---\n" + last;
        for (int threads : new int[] {1, 3}) {
            Options options = Options.standard().withThreads(threads);
            Path output = folder.resolve("staged" + threads);
            assertThat(Merge.run(recipe(staged), output, 42, options, Progress.NONE)
                            .checksums())
                    .isEqualTo(steps);
        }
        try (MergedModel merged = MergedModel.open(recipe(staged), 42);
                Checkpoint written = Checkpoint.open(folder.resolve("staged1"))) {
            float[] norm = new float[16];
            merged.tensors().get("model.norm.weight").read(0, 16, norm);
            assertThat(norm).containsExactly(written.tensor("model.norm.weight").floats());
        }
    }

    @Test
    void wholeModelsKeepTheirShareThoughTensorsDoNot() throws IOException {
        // All of one tensor's changes are larger than any of the other's.
        float[] zero = new float[1000];
        float[] small = new float[1000];
        float[] large = new float[1000];
        for (int i = 0; i < 1000; i++) {
            small[i] = 1 + i / 1000f;
            large[i] = 5 + i / 1000f;
        }
        TestModel.empty()
                .add("a", Dtype.F32, Shape.of(1000), zero)
                .add("b", Dtype.F32, Shape.of(1000), zero)
                .write(folder.resolve("zero"));
        TestModel.empty()
                .add("a", Dtype.F32, Shape.of(1000), small)
                .add("b", Dtype.F32, Shape.of(1000), large)
                .write(folder.resolve("tuned"));
        Merge.run(recipe("""
            merge_method: ties
            semantics: paper
            base_model: zero
            models: [{model: tuned, parameters: {weight: 1, density: 0.6}}]
            """), folder.resolve("out"));
        try (Checkpoint merged = Checkpoint.open(folder.resolve("out"))) {
            assertThat(merged.tensor("b").floats()).isEqualTo(large);
            float[] kept = small.clone();
            java.util.Arrays.fill(kept, 0, 800, 0); // 0.6 of 2000 are the 1000 of b and 200 of a
            assertThat(merged.tensor("a").floats()).isEqualTo(kept);
        }
    }

    private static float[] noise(int seed) {
        return TestModel.noise(new java.util.SplittableRandom(seed), 300_000);
    }

    private Recipe recipe(String yaml) {
        return Recipe.parse("recipe.yaml", yaml, folder);
    }
}
