package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.Pack;
import org.lewis.calibrate.PackCache;
import org.lewis.calibrate.PackInfo;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.engine.Merge;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Device;
import org.lewis.forward.Golden;
import org.lewis.forward.ModelFiles;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.merge.ColumnScales;
import org.lewis.merge.ColumnScales.Within;
import org.lewis.merge.Guides;
import org.lewis.recipe.Recipe;

/// SparseGPT in the `guidance:` block, on the models of the goldens.
class SparseGptRecipeTest {

    private static final String IDS = "token_ids: calibration_token_ids.json";

    @TempDir
    Path folder;

    private final List<String> heard = new ArrayList<>();

    private LewisRun run() {
        return run(Resources.standard());
    }

    private LewisRun run(Resources resources) {
        LewisRun.Listener listener = new LewisRun.Listener() {
            @Override
            public void reused(String model) {
                heard.add("reused " + model);
            }

            @Override
            public void problem(String model, String problem) {
                heard.add(model + ": " + problem);
            }
        };
        return new LewisRun(
                new PackCache(folder.resolve("cache")), Optional.of(Precision.FLOAT32), resources, Map.of(), listener);
    }

    private static Path goldens() {
        try {
            return Path.of(
                    SparseGptRecipeTest.class.getResource("/goldens/lewis").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Recipe recipe(String method, String models, String guidance) {
        return Recipe.parse(
                "r.yaml",
                "merge_method: " + method + "\nbase_model: base\n" + models + "\nguidance: {" + guidance + "}\n",
                goldens());
    }

    private static final String BOTH =
            "models: [{model: code, parameters: {weight: 0.6}}, {model: math, parameters: {weight: 0.4}}]";

    /// Only linear layers, so that all others are the base's, as the reference has it.
    private static final String CODE_ONLY =
            "models: [{model: code, parameters: {weight: [{filter: _proj, value: 1}, {value: 0}]}}]";

    @Test
    void theSequentialPassPrunesAsTheReference() throws IOException {
        Recipe recipe = recipe("task_arithmetic", CODE_ONLY, "method: sparsegpt, density: 0.3, " + IDS);
        Recipe guided = GuidedRecipe.of(recipe, run()).recipe();

        Path file = guided.guided().overlays().values().iterator().next();
        try (Safetensors pruned = Safetensors.open(file);
                Safetensors expected =
                        Safetensors.open(SparseGptGoldenTest.goldens().resolve("sequential_code.safetensors"))) {
            assertThat(pruned.tensors()).hasSameSizeAs(expected.tensors());
            expected.tensors().forEach((name, tensor) -> {
                float[] theirs = tensor.floats();
                float[] ours =
                        pruned.tensors().get(name + ".weight.task_vector").floats();
                double scale = 0;
                int differing = 0;
                double worst = 0;
                for (int i = 0; i < theirs.length; i++) {
                    scale = Math.max(scale, Math.abs(theirs[i]));
                    boolean same = (theirs[i] == 0) == (ours[i] == 0);
                    differing += same ? 0 : 1;
                    worst = Math.max(worst, same ? Math.abs((double) theirs[i] - ours[i]) : 0);
                }
                assertThat(differing).as(name + ": mask").isLessThanOrEqualTo((int) (0.005 * theirs.length));
                assertThat(worst).as(name).isLessThan(1e-3 * scale);
            });
        }
    }

    private Path tuned(Golden golden) throws IOException {
        Path tuned = Files.createDirectory(folder.resolve("tuned"));
        ModelFiles.copy(golden.folder(), tuned).stir(5).write();
        return tuned;
    }

    private Path ids(Golden golden) throws IOException {
        return Files.writeString(
                folder.resolve("ids.json"),
                Json.compact(golden.ids().stream()
                        .map(sequence -> Arrays.stream(sequence).boxed().toList())
                        .toList()));
    }

    private Path merged(Recipe recipe, String name) throws IOException {
        Merge.run(recipe, folder.resolve(name));
        return folder.resolve(name);
    }

    /// Merged to the end, the model has the inputs that each layer was decided by.
    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "bloom", "gpt_neox", "phi3", "mixtral", "qwen3_moe", "gemma2", "opt"})
    void eachLayerIsDecidedByInputsOfTheMerge(String family) throws IOException {
        Golden golden = Golden.read(family);
        Path base = golden.folder();
        Path tuned = tuned(golden);
        Path ids = ids(golden);
        Recipe recipe = Recipe.parse(
                "r.yaml",
                "merge_method: ties\nbase_model: " + base + "\nmodels: [{model: " + tuned
                        + ", parameters: {weight: 1}}]\nguidance: {method: sparsegpt, error_correction: false,"
                        + " density: 0.5, percdamp: 0.1, token_ids: " + ids + "}\n",
                folder);
        Recipe guided = GuidedRecipe.of(recipe, run()).recipe();
        Path merged = merged(guided, "merged");

        Path pack = folder.resolve("pack.safetensors");
        new Calibration(Precision.FLOAT32, 0, PackInfo.Gram.FULL, Resources.standard())
                .run(ModelLocation.of(merged), CalibrationText.of(golden.ids()), pack, BlockStream.Progress.NONE);
        int checked = 0;
        try (Safetensors grams = Safetensors.open(pack);
                NoGradGuard _ = new NoGradGuard();
                PointerScope _ = new PointerScope()) {
            for (Map.Entry<String, Guides> entry : guided.guided().byTensor().entrySet()) {
                org.lewis.tensor.Tensor gram = grams.tensors().get(entry.getKey() + ".gram");
                if (gram == null) {
                    continue; // not the first of its group
                }
                InverseHessian inverse =
                        InverseHessian.of(Matrices.weight(gram), golden.ids().size(), 0.1, _ -> {});
                ColumnScales expected = ColumnScales.of(inverse.scales(), true, Within.TENSOR, 0.5);
                float[] found = entry.getValue()
                        .scales()
                        .getFirst()
                        .orElseThrow()
                        .columns()
                        .factors();
                for (int i = 0; i < found.length; i++) {
                    assertThat(found[i])
                            .as(entry.getKey() + " column " + i)
                            .isCloseTo(expected.columns().factors()[i], within(2e-3f));
                }
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "bloom", "mixtral"})
    void correctedTaskVectorsOfAnyFamilyKeepWhatIsAskedFor(String family) throws IOException {
        Golden golden = Golden.read(family);
        Path tuned = tuned(golden);
        Path ids = ids(golden);
        Recipe recipe = Recipe.parse(
                "r.yaml",
                "merge_method: task_arithmetic\nbase_model: " + golden.folder() + "\nmodels: [{model: " + tuned
                        + ", parameters: {weight: 1}}]\nguidance: {method: sparsegpt, density: 0.4, token_ids: " + ids
                        + "}\n",
                folder);
        Path merged = merged(GuidedRecipe.of(recipe, run()).recipe(), "merged");
        try (Checkpoint base = Checkpoint.open(golden.folder());
                Checkpoint ours = Checkpoint.open(merged)) {
            for (var linear : LewisRun.describe(ModelLocation.of(golden.folder()))
                    .blocks()
                    .getFirst()
                    .linears()) {
                float[] before = base.tensor(linear.weight()).floats();
                float[] after = ours.tensor(linear.weight()).floats();
                int changed = 0;
                for (int i = 0; i < before.length; i++) {
                    changed += before[i] == after[i] ? 0 : 1;
                }
                assertThat((double) changed / before.length).as(linear.weight()).isBetween(0.3, 0.41);
            }
        }
    }

    @Test
    void aPatternKeepsTwoOfEachFour() throws IOException {
        Recipe recipe = recipe("task_arithmetic", CODE_ONLY, "method: sparsegpt, pattern: 2:4, " + IDS);
        Path file = GuidedRecipe.of(recipe, run())
                .recipe()
                .guided()
                .overlays()
                .values()
                .iterator()
                .next();
        try (Safetensors pruned = Safetensors.open(file)) {
            pruned.tensors().forEach((name, tensor) -> {
                float[] values = tensor.floats();
                for (int i = 0; i < values.length; i += 4) {
                    int kept = 0;
                    for (int j = i; j < i + 4; j++) {
                        kept += values[j] == 0 ? 0 : 1;
                    }
                    assertThat(kept).as(name + " from " + i).isEqualTo(2);
                }
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ties, 'sequential: false'",
        "ties, 'sequential: false, hessian_from: base'",
        "dare_ties, 'hessian_from: merged, sequential: false, error_correction: false'",
        "breadcrumbs, 'error_correction: false'",
        "dare_linear, ''"
    })
    void everyWayEndsInAModelBetweenBaseAndFineTunes(String method, String options) throws IOException {
        Recipe recipe = recipe(
                method, BOTH, "method: sparsegpt, density: 0.3, " + IDS + (options.isEmpty() ? "" : ", ") + options);
        Path one = merged(GuidedRecipe.of(recipe, run()).recipe(), "one");
        heard.clear();
        Path two = merged(GuidedRecipe.of(recipe, run()).recipe(), "two");

        assertThat(heard).containsExactly("reused the recipe's models");
        assertThat(Files.mismatch(one.resolve("model.safetensors"), two.resolve("model.safetensors")))
                .isEqualTo(-1);
        try (Checkpoint base = Checkpoint.open(goldens().resolve("base"));
                Checkpoint merged = Checkpoint.open(one)) {
            float[] before = base.tensor("model.layers.2.mlp.up_proj.weight").floats();
            float[] after = merged.tensor("model.layers.2.mlp.up_proj.weight").floats();
            int same = 0;
            for (int i = 0; i < before.length; i++) {
                assertThat(after[i]).isFinite();
                same += before[i] == after[i] ? 1 : 0;
            }
            // Each of two models leaves 70 % alone.
            assertThat((double) same / before.length).isBetween(0.4, 0.71);
        }
    }

    @Test
    void lewisSaysHowMuchAndSparseGptWhich() throws IOException {
        String lewis = "gamma: 0.2, epsilon: 0.6, " + IDS;
        GuidedRecipe densities = GuidedRecipe.of(recipe("ties", BOTH, lewis), run());
        GuidedRecipe both = GuidedRecipe.of(
                recipe("task_arithmetic", BOTH, "method: lewis+sparsegpt, error_correction: false, " + lewis), run());

        assertThat(both.densities().keySet()).isEqualTo(densities.densities().keySet());
        LayerTable code = densities.densities().get("code");
        both.recipe().guided().byTensor().forEach((weight, guides) -> {
            if (weight.endsWith("layers.3.mlp.up_proj.weight")) {
                assertThat(guides.scales().getFirst().orElseThrow().density()).isEqualTo(code.value(3, "up_proj"));
            }
        });
    }

    @Test
    void wandaRanksRowsByNormsOfInputs() throws IOException {
        Recipe recipe = recipe("task_arithmetic", CODE_ONLY, "method: wanda, density: 0.25, " + IDS);
        Recipe guided = GuidedRecipe.of(recipe, run()).recipe();
        Path merged = merged(guided, "merged");
        Pack pack = run().pack(
                        "code",
                        ModelLocation.of(goldens().resolve("code")),
                        TextSource.ofIds(goldens().resolve("calibration_token_ids.json")),
                        0);
        String weight = "model.layers.1.self_attn.q_proj.weight";
        double[] squares = pack.of(weight).inputSquares();
        try (Checkpoint base = Checkpoint.open(goldens().resolve("base"));
                Checkpoint code = Checkpoint.open(goldens().resolve("code"));
                Checkpoint ours = Checkpoint.open(merged)) {
            float[] before = base.tensor(weight).floats();
            float[] tuned = code.tensor(weight).floats();
            float[] after = ours.tensor(weight).floats();
            int columns = squares.length;
            for (int row = 0; row < before.length / columns; row++) {
                double least = Double.MAX_VALUE;
                double most = 0;
                int kept = 0;
                for (int j = 0; j < columns; j++) {
                    int i = row * columns + j;
                    double score = Math.abs((double) tuned[i] - before[i]) * Math.sqrt(squares[j]);
                    if (after[i] == before[i]) {
                        most = Math.max(most, score);
                    } else {
                        least = Math.min(least, score);
                        kept++;
                    }
                }
                assertThat(kept).isEqualTo(columns / 4);
                assertThat(least).isGreaterThanOrEqualTo(most * (1 - 1e-5));
            }
        }
    }

    @Test
    void whatCannotWorkIsSaidBeforeTheModelsRun() {
        assertThatThrownBy(() -> GuidedRecipe.of(recipe("ties", BOTH, "method: sparsegpt, " + IDS), run()))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:4:11: guidance: every density is 1, so nothing would be dropped; add `density` here"
                        + " or to the recipe's parameters");
        assertThatThrownBy(() -> GuidedRecipe.of(
                        recipe("ties", BOTH, "method: sparsegpt, density: 0.5, calibration: {code: a.jsonl}"), run()))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:4:11: guidance: calibration has no file for \"math\"");
        assertThatThrownBy(() -> GuidedRecipe.of(
                        recipe("ties", BOTH, "method: sparsegpt, density: 0.5, " + IDS),
                        run(new Resources(Device.CPU, 100_000, folder))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "the Gram matrix of the 112 inputs of model.layers.0.mlp.down_proj.weight needs 150,528 bytes"
                                + " with what is computed from it, but the memory allowed is 100,000; --memory 1MB is"
                                + " enough");
        assertThatThrownBy(() ->
                        GuidedRecipe.of(recipe("ties", BOTH, "method: sparsegpt, density: 0.0001, " + IDS), run()))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "model.layers.0.self_attn.q_proj.weight: a density of 1.0E-4 leaves no weight of the 4096 in"
                                + " columns 0 to 63");
    }

    @Test
    void tooFewTokensAreMentionedOnceForEachModel() throws IOException {
        Path ids = Files.writeString(folder.resolve("few.json"), "[[1, 2, 3], [4, 5, 6, 7]]");
        Recipe recipe = recipe("ties", BOTH, "method: sparsegpt, density: 0.5, token_ids: " + ids);
        GuidedRecipe.of(recipe, run());
        assertThat(heard)
                .containsExactly(
                        "code: 7 tokens reach the 64 inputs of model.layers.0.self_attn.q_proj: a Hessian of so few is"
                                + " mostly damping; more samples, or longer ones, tell more",
                        "math: 7 tokens reach the 64 inputs of model.layers.0.self_attn.q_proj: a Hessian of so few is"
                                + " mostly damping; more samples, or longer ones, tell more");
    }
}
