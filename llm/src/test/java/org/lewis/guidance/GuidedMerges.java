package org.lewis.guidance;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.calibrate.PackCache;
import org.lewis.engine.Merge;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.recipe.Recipe;

/// Merges of recipes with a `guidance:` block in float32, most of them of the models of LEWIS's goldens.
final class GuidedMerges {

    static final String IDS = "token_ids: calibration_token_ids.json";

    static final String BOTH =
            "models: [{model: code, parameters: {weight: 0.6}}, {model: math, parameters: {weight: 0.4}}]";

    /// Only linear layers, so that all others are the base's, as the reference has it.
    static final String CODE_ONLY =
            "models: [{model: code, parameters: {weight: [{filter: _proj, value: 1}, {value: 0}]}}]";

    private final Path folder;
    private final List<String> heard = new ArrayList<>();

    /// @param folder of the merged models and of the cache
    GuidedMerges(Path folder) {
        this.folder = folder;
    }

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

    /// What the runs said, in order.
    List<String> heard() {
        return heard;
    }

    LewisRun run() {
        return run(Resources.standard());
    }

    LewisRun run(Resources resources) {
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
