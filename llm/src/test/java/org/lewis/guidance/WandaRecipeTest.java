package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.Pack;
import org.lewis.calibrate.PackInfo;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.recipe.Recipe;

/// Wanda in the `guidance:` block, on the models of the goldens.
class WandaRecipeTest extends GuidedMerges {

    @Test
    void wandaRanksRowsByNormsOfInputs() throws IOException {
        Recipe recipe = recipe("task_arithmetic", CODE_ONLY, "method: wanda, density: 0.25, " + IDS);
        Recipe guided = guided(recipe);
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

    @ParameterizedTest
    @CsvSource({"lewis+wanda, code", "lewis+aim, base"})
    void aPackThatFitsOnlyOneOfTwoStepsIsRefusedBeforeAModelRuns(String method, String model) throws IOException {
        Path pack = folder.resolve("pack.safetensors");
        ModelLocation location = ModelLocation.of(goldens().resolve(model));
        new Calibration(Precision.FLOAT32, 0.5, PackInfo.Gram.DIAGONAL, Resources.standard())
                .run(
                        location,
                        TextSource.ofIds(goldens().resolve("calibration_token_ids.json"))
                                .of(location),
                        pack,
                        BlockStream.Progress.NONE);
        Recipe recipe = recipe("ties", BOTH, "method: " + method + ", sparsity_ratio: 0.5, " + IDS);

        assertThatThrownBy(() -> GuidedRecipe.of(recipe, run(Resources.standard(), Map.of(model, pack))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(pack + ": is of a pass that pruned 0.5 of each block, but 0.0 is asked for");
        assertThat(folder.resolve("cache")).doesNotExist();
    }
}
