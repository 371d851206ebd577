package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.lewis.guidance.GuidedMerges.CODE_ONLY;
import static org.lewis.guidance.GuidedMerges.IDS;
import static org.lewis.guidance.GuidedMerges.recipe;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.calibrate.Pack;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.recipe.Recipe;

/// Wanda in the `guidance:` block, on the models of the goldens.
class WandaRecipeTest {

    @TempDir
    Path folder;

    private GuidedMerges merges;

    @BeforeEach
    void start() {
        merges = new GuidedMerges(folder);
    }

    @Test
    void wandaRanksRowsByNormsOfInputs() throws IOException {
        Recipe recipe = recipe("task_arithmetic", CODE_ONLY, "method: wanda, density: 0.25, " + IDS);
        Recipe guided = merges.guided(recipe);
        Path merged = merges.merged(guided, "merged");
        Pack pack = merges.run()
                .pack(
                        "code",
                        ModelLocation.of(GuidedMerges.goldens().resolve("code")),
                        TextSource.ofIds(GuidedMerges.goldens().resolve("calibration_token_ids.json")),
                        0);
        String weight = "model.layers.1.self_attn.q_proj.weight";
        double[] squares = pack.of(weight).inputSquares();
        try (Checkpoint base = Checkpoint.open(GuidedMerges.goldens().resolve("base"));
                Checkpoint code = Checkpoint.open(GuidedMerges.goldens().resolve("code"));
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
}
