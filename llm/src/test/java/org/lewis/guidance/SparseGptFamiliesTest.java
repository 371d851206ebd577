package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.PackInfo;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.Json;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Golden;
import org.lewis.forward.ModelFiles;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.merge.ColumnScales;
import org.lewis.merge.ColumnScales.Within;
import org.lewis.merge.Guides;
import org.lewis.recipe.Recipe;

/// SparseGPT in the `guidance:` block, on models of many families.
class SparseGptFamiliesTest extends GuidedMerges {

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
        Recipe guided = guided(recipe);
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
        Path merged = merged(guided(recipe), "merged");
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
}
