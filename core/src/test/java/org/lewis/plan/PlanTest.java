package org.lewis.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.CheckpointWriter;
import org.lewis.checkpoint.HubCache;
import org.lewis.checkpoint.Layout;
import org.lewis.document.DocumentException;
import org.lewis.engine.TestModel;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// What a recipe and its models make together, and why they may not go together.
class PlanTest {

    private static final String TIES = """
        merge_method: ties
        base_model: base
        models:
          - {model: math, parameters: {weight: 1}}
        """;

    private static final String LINEAR = """
        merge_method: linear
        models:
          - {model: base, parameters: {weight: 1}}
          - {model: math, parameters: {weight: 1}}
        """;

    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";

    @TempDir
    Path folder;

    @BeforeEach
    void writeBase() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
    }

    @Test
    void everyTensorOfTheFirstModelBecomesAJobInTheOrderOfNames() throws IOException {
        TestModel.random(2).write(folder.resolve("math"));
        Plan plan = plan(TIES);
        assertThat(plan.jobs())
                .map(job -> job.slot().name())
                .isSorted()
                .hasSize(6)
                .contains(EMBEDDING, "model.layers.1.mlp.up_proj.weight", "model.norm.weight");
        assertThat(plan.layout().shards()).hasSize(1);
    }

    @Test
    void gradientsFollowTheDepthOfTheLayer() throws IOException {
        for (String model : List.of("base", "math")) {
            TestModel deep = TestModel.empty();
            for (int layer = 0; layer < 5; layer++) {
                deep.add("model.layers." + layer + ".w", Dtype.F32, Shape.of(1), 1);
            }
            deep.add("model.embed_tokens.weight", Dtype.F32, Shape.of(1), 1)
                    .add("lm_head.weight", Dtype.F32, Shape.of(1), 1)
                    .write(folder.resolve("deep/" + model));
        }
        String yaml = TIES.replace("weight: 1", "weight: [0, 1, 5]");
        Plan plan = plan(yaml, folder.resolve("deep"));
        Map<String, Double> weights = new java.util.TreeMap<>();
        for (TensorJob job : plan.jobs()) {
            TensorJob.Merged merged = (TensorJob.Merged) job;
            weights.put(job.slot().name(), merged.settings().models().getFirst().get("weight"));
            assertThat(merged.settings().depth())
                    .isEqualTo(
                            job.slot().name().startsWith("model.layers.")
                                    ? Integer.parseInt(job.slot().name().substring(13, 14)) / 4.0
                                    : 0);
        }
        assertThat(weights)
                .isEqualTo(Map.of(
                        "model.layers.0.w", 0.0,
                        "model.layers.1.w", 0.5,
                        "model.layers.2.w", 1.0,
                        "model.layers.3.w", 3.0,
                        "model.layers.4.w", 5.0,
                        "model.embed_tokens.weight", 0.0,
                        "lm_head.weight", 0.0));
    }

    @Test
    void aModelThatIsRankedAsAWholeHasOneDensity() throws IOException {
        TestModel.random(2).write(folder.resolve("math"));
        String yaml = TIES.replace("weight: 1", "weight: 1, density: [0.2, 0.6]") + "semantics: paper\n";
        assertThatThrownBy(() -> plan(yaml))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:1:1: `semantics: paper` ranks the entries of whole models, so a model has one"
                        + " density; found 0.2 for model.embed_tokens.weight and 0.6 for"
                        + " model.layers.1.mlp.up_proj.weight");
    }

    @Test
    void aMissingModelIsRefusedWithTheWayToGetIt() {
        assertThatThrownBy(() -> plan(TIES))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("math: no such model folder, neither in the working directory, nor in " + folder
                        + ", nor in the hub's cache " + HubCache.standard().folder()
                        + ", to which it has to be downloaded first");
    }

    @Test
    void missingAdaptersAreRefused() throws IOException {
        TestModel.random(2).write(folder.resolve("math"));
        assertThatThrownBy(() -> plan(TIES.replace("math", "math+lora")))
                .hasMessage("lora: no such adapter folder, neither in the working directory, nor in " + folder
                        + ", nor in the hub's cache " + HubCache.standard().folder()
                        + ", to which it has to be downloaded first");
    }

    @Test
    void differentTensorNamesAreRefusedWithTheNames() throws IOException {
        TestModel.random(2)
                .without("model.norm.weight")
                .add("model.final_norm.weight", Dtype.F32, Shape.of(16), new float[16])
                .write(folder.resolve("math"));
        assertThatThrownBy(() -> plan(TIES))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "the models do not have the same tensors; missing in base: model.final_norm.weight; missing in"
                            + " math: model.norm.weight; `missing_tensors: keep` takes each from the first model that"
                            + " has it, `missing_tensors: drop` leaves them out");
    }

    @Test
    void namesThatDifferByAPrefixAreMatchedAndSaidSo() throws IOException {
        TestModel.random(2).prefixed("base_model.model.").write(folder.resolve("math"));
        Plan plan = plan(TIES);
        assertThat(plan.notes())
                .containsExactly("math: \"base_model.model.\" before its names is left out, as in base");
        assertThat(plan.jobs())
                .extracting(job -> job.slot().name())
                .contains(EMBEDDING)
                .noneMatch(name -> name.startsWith("base_model"));
    }

    @Test
    void allDifferentNamesAreListed() throws IOException {
        TestModel math = TestModel.random(2);
        for (int i = 10; i < 23; i++) {
            math.add("extra." + i + ".weight", Dtype.F32, Shape.of(1), 1);
        }
        math.write(folder.resolve("math"));
        assertThatThrownBy(() -> plan(TIES))
                .hasMessageStartingWith("the models do not have the same tensors; missing in base: extra.10.weight, ")
                .hasMessageContaining(", extra.21.weight, extra.22.weight; `missing_tensors: keep` takes");
    }

    @Test
    void differentTensorsAreKeptOrDroppedWhenTheRecipeSaysSo() throws IOException {
        TestModel.random(2)
                .without("model.norm.weight")
                .add("model.final_norm.weight", Dtype.F32, Shape.of(16), new float[16])
                .write(folder.resolve("math"));
        assertThat(plan(TIES + "missing_tensors: drop\n").jobs())
                .map(job -> job.slot().name())
                .hasSize(5)
                .doesNotContain("model.norm.weight", "model.final_norm.weight");
        Map<String, TensorJob> jobs = new java.util.HashMap<>();
        for (TensorJob job :
                plan(TIES + "missing_tensors: keep\nout_dtype: bfloat16\n").jobs()) {
            jobs.put(job.slot().name(), job);
        }
        assertThat(jobs).hasSize(7);
        TensorJob.Merged norm = (TensorJob.Merged) jobs.get("model.norm.weight");
        assertThat(norm.models()).containsExactly(new TensorJob.Source(0, "model.norm.weight"));
        assertThat(norm.method().name()).isEqualTo("passthrough");
        assertThat(norm.slot().dtype()).isEqualTo(Dtype.BF16);
        TensorJob.Merged other = (TensorJob.Merged) jobs.get("model.final_norm.weight");
        assertThat(other.models()).containsExactly(new TensorJob.Source(1, "model.final_norm.weight"));
    }

    @Test
    void aSliceMayHaveABaseOfItsOwn() throws IOException {
        TestModel.random(2).write(folder.resolve("math"));
        String yaml = """
            merge_method: task_arithmetic
            base_model: base
            parameters: {weight: 1}
            slices:
              - sources: [{model: base, layer_range: [0, 1]}, {model: math, layer_range: [0, 1]}]
              - sources: [{model: base, layer_range: [1, 2]}, {model: math, layer_range: [1, 2]}]
                base_model: math
            """;
        List<TensorJob.Merged> jobs = plan(yaml).jobs().stream()
                .filter(job -> job.slot().name().endsWith("up_proj.weight"))
                .map(TensorJob.Merged.class::cast)
                .toList();
        assertThat(jobs).hasSize(2);
        assertThat(jobs.get(0).base()).contains(new TensorJob.Source(0, "model.layers.0.mlp.up_proj.weight"));
        assertThat(jobs.get(0).models()).containsExactly(new TensorJob.Source(1, "model.layers.0.mlp.up_proj.weight"));
        assertThat(jobs.get(1).base()).contains(new TensorJob.Source(1, "model.layers.1.mlp.up_proj.weight"));
        assertThat(jobs.get(1).models()).containsExactly(new TensorJob.Source(0, "model.layers.1.mlp.up_proj.weight"));
        // Without one for all, that of the first slice gives config and tokenizer.
        String own = yaml.replace("base_model: base\n", "")
                .replace("range: [0, 1]}]", "range: [0, 1]}]\n    base_model: math");
        assertThat(((TensorJob.Merged) plan(own).jobs().getFirst()).base())
                .contains(new TensorJob.Source(0, "model.embed_tokens.weight"));
        assertThat(plan(own).donor().model()).isZero();
    }

    @Test
    void tensorsThatASliceLacksAreListed() throws IOException {
        TestModel.random(2).without("model.layers.1.mlp.up_proj.weight").write(folder.resolve("math"));
        String yaml = """
            merge_method: linear
            parameters: {weight: 1}
            slices:
              - sources: [{model: base, layer_range: [0, 1]}, {model: math, layer_range: [1, 2]}]
            """;
        assertThatThrownBy(() -> plan(yaml))
                .hasMessage(
                        "the models do not have the same tensors; missing in math: model.layers.1.mlp.up_proj.weight;"
                            + " `missing_tensors: keep` takes each from the first model that has it, `missing_tensors:"
                            + " drop` leaves them out");
        assertThat(plan(yaml + "missing_tensors: keep").jobs())
                .map(job -> job.slot().name())
                .contains("model.layers.0.mlp.up_proj.weight", "model.layers.0.self_attn.q_proj.weight");
    }

    @Test
    void differentShapesAreRefusedWithTheShapes() throws IOException {
        TestModel.random(2)
                .add(EMBEDDING, Dtype.F32, Shape.of(51, 16), new float[51 * 16])
                .write(folder.resolve("math"));
        assertThatThrownBy(() -> plan(TIES))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("model.embed_tokens.weight: shapes differ: {base=[50, 16], math=[51, 16]}; add"
                        + " `tokenizer_source: union` or `base` to give all models one vocabulary");
    }

    @Test
    void tokenizersMayDifferUnlessTheRecipeAsksToMergeThem() throws IOException {
        TestModel.random(1).file("tokenizer.json", "{\"a\": 0}").write(folder.resolve("other/base"));
        TestModel.random(2).file("tokenizer.json", "{\"b\": 0}").write(folder.resolve("other/math"));
        assertThat(plan(TIES, folder.resolve("other")).jobs()).hasSize(6);
        assertThatThrownBy(() -> plan(TIES + "tokenizer_source: union", folder.resolve("other")))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder.resolve("other/base/tokenizer.json") + ":1:1: \"model\" is missing");
    }

    @Test
    void equalTokenizersNeedNoMerging() throws IOException {
        TestModel.random(1).file("tokenizer.json", "{}").write(folder.resolve("same/base"));
        TestModel.random(2).file("tokenizer.json", "{}").write(folder.resolve("same/math"));
        assertThat(plan(TIES + "tokenizer_source: union", folder.resolve("same"))
                        .jobs())
                .hasSize(6);
    }

    @Test
    void aWeightThatIsMissingForATensorIsRefusedAtTheModel() throws IOException {
        TestModel.random(2).write(folder.resolve("math"));
        assertThatThrownBy(() -> plan(TIES.replace("weight: 1", "weight: {filter: mlp, value: 1}")))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:4:5: models[0]: `weight` is missing, which ties needs for " + EMBEDDING
                        + "; set it under the model's `parameters`, or the recipe's own");
    }

    @Test
    void weightsWithoutAMeanAreRefusedBeforeAnythingIsWritten() throws IOException {
        TestModel.random(2).write(folder.resolve("math"));
        assertThatThrownBy(
                        () -> plan(LINEAR.replace("math, parameters: {weight: 1}", "math, parameters: {weight: -1}")))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:1:1: model.embed_tokens.weight: the weights add up to 0.0, so there is no mean; set"
                        + " `normalize: false` for their sum");
    }

    @Test
    void aHeadThatOneModelStoresTwiceIsLeftOutWhereTheOthersTieIt() throws IOException {
        TestModel.random(2)
                .add(HEAD, Dtype.F32, Shape.of(50, 16), new float[800])
                .file("config.json", "{\"tie_word_embeddings\": true}")
                .write(folder.resolve("math"));
        assertThat(plan(TIES).jobs()).noneMatch(job -> job.slot().name().equals(HEAD));
    }

    @Test
    void aHeadOfItsOwnIsNotLeftOut() throws IOException {
        TestModel.random(2)
                .add(HEAD, Dtype.F32, Shape.of(50, 16), new float[800])
                .file("config.json", "{\"tie_word_embeddings\": false}")
                .write(folder.resolve("math"));
        assertThatThrownBy(() -> plan(TIES)).hasMessageContaining("missing in base: lm_head.weight");
    }

    @Test
    void aTiedModelLendsItsEmbeddingWhereTheFirstHasAHead() throws IOException {
        TestModel.random(1)
                .add(HEAD, Dtype.F32, Shape.of(50, 16), new float[800])
                .write(folder.resolve("head/base"));
        TestModel.random(2).write(folder.resolve("head/math"));
        TensorJob.Merged head = (TensorJob.Merged) plan(TIES, folder.resolve("head")).jobs().stream()
                .filter(job -> job.slot().name().equals(HEAD))
                .findFirst()
                .orElseThrow();
        assertThat(head.models()).containsExactly(new TensorJob.Source(1, EMBEDDING));
        assertThat(head.base()).contains(new TensorJob.Source(0, HEAD));
    }

    @Test
    void aBufferThatOneModelDoesWithoutIsTakenFromTheFirst() throws IOException {
        String buffer = "model.layers.0.self_attn.rotary_emb.inv_freq";
        TestModel.random(1).add(buffer, Dtype.F32, Shape.of(2), 1, 2).write(folder.resolve("buffer/base"));
        TestModel.random(2).write(folder.resolve("buffer/math"));
        assertThat(plan(TIES, folder.resolve("buffer")).jobs())
                .filteredOn(job -> job.slot().name().equals(buffer))
                .singleElement()
                .isInstanceOf(TensorJob.Copied.class);
    }

    @Test
    void aModelThatDoesNotFitTheDiskIsRefusedBeforeAnyByteIsWritten() {
        Layout.Slot huge = new Layout.Slot("huge", Dtype.F32, Shape.of(1L << 55));
        Path output = folder.resolve("merged");
        assertThatThrownBy(() -> CheckpointWriter.open(output, Layout.of(List.of(huge), Long.MAX_VALUE)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageMatching("\\Q" + output
                        + "\\E: the model takes 14411518807585\\d{4} bytes, but only \\d+ are" + " free on this disk");
        assertThat(output).doesNotExist();
        assertThat(CheckpointWriter.partOf(output)).doesNotExist();
    }

    private Plan plan(String yaml) throws IOException {
        return plan(yaml, folder);
    }

    private static Plan plan(String yaml, Path models) throws IOException {
        Recipe recipe = Recipe.parse("r.yaml", yaml, models);
        try (Sources sources = Sources.open(recipe)) {
            return Plan.of(recipe, sources, 42);
        }
    }
}
