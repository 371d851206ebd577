package org.lewis.guidance;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.calibrate.PackCache;
import org.lewis.engine.Merge;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.recipe.Recipe;

/// Tests that merge recipes with a `guidance:` block in float32, most of them of the models of LEWIS's goldens.
abstract class GuidedMerges {

    static final String IDS = "token_ids: calibration_token_ids.json";

    static final String BOTH =
            "models: [{model: code, parameters: {weight: 0.6}}, {model: math, parameters: {weight: 0.4}}]";

    /// Only linear layers, so that all others are the base's, as the reference has it.
    static final String CODE_ONLY =
            "models: [{model: code, parameters: {weight: [{filter: _proj, value: 1}, {value: 0}]}}]";

    /// Of merged models, and of the cache.
    @TempDir
    Path folder;

    /// What the runs said, in order.
    final List<String> heard = new ArrayList<>();

    static Path goldens() {
        try {
            return Path.of(GuidedMerges.class.getResource("/goldens/lewis").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Of the goldens' models.
    static Recipe recipe(String method, String models, String guidance) {
        return Recipe.parse(
                "r.yaml",
                "merge_method: " + method + "\nbase_model: base\n" + models + "\nguidance: {" + guidance + "}\n",
                goldens());
    }

    LewisRun run() {
        return run(Resources.standard(), Map.of());
    }

    /// @param packs of models that need not run
    LewisRun run(Resources resources, Map<String, Path> packs) {
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
                new PackCache(folder.resolve("cache")), Optional.of(Precision.FLOAT32), resources, packs, listener);
    }

    /// The recipe with what calibration says.
    Recipe guided(Recipe recipe) throws IOException {
        return GuidedRecipe.of(recipe, run()).recipe();
    }

    /// The folder of the merged model.
    Path merged(Recipe recipe, String name) throws IOException {
        Merge.run(recipe, folder.resolve(name));
        return folder.resolve(name);
    }
}
