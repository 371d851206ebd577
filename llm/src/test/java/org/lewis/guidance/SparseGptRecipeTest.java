package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.DocumentException;
import org.lewis.forward.Device;
import org.lewis.forward.Resources;
import org.lewis.recipe.Recipe;

/// SparseGPT in the `guidance:` block, on the models of the goldens.
class SparseGptRecipeTest extends GuidedMerges {

    @Test
    void theSequentialPassPrunesAsTheReference() throws IOException {
        Recipe recipe = recipe("task_arithmetic", CODE_ONLY, "method: sparsegpt, density: 0.3, " + IDS);
        Recipe guided = guided(recipe);

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
        Path one = merged(guided(recipe), "one");
        heard.clear();
        Path two = merged(guided(recipe), "two");

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

        assertThat(both.layers().keySet()).isEqualTo(densities.layers().keySet());
        LayerTable code = densities.layers().get("code").densities();
        both.recipe().guided().byTensor().forEach((weight, guides) -> {
            if (weight.endsWith("layers.3.mlp.up_proj.weight")) {
                assertThat(guides.scales().getFirst().orElseThrow().density()).isEqualTo(code.value(3, "up_proj"));
            }
        });
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
                        run(new Resources(Device.CPU, 100_000, folder), Map.of())))
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
