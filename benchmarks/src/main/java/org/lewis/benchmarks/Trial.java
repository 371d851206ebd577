package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.compare.KeptShare;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.guidance.LewisRun;
import org.lewis.model.Decoder;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.recipe.Recipe;

/// A recipe of an experiment, with its guidance done.
///
/// @param kept for each fine-tune, the share of its linear layers' task vectors that is kept
record Trial(Recipe recipe, List<Double> kept) {

    /// @param linears names of the linear layers' weights
    static Trial of(Path file, Set<String> linears, LewisRun run) throws IOException {
        Recipe recipe = Recipe.read(file);
        if (recipe.guidance().isPresent()) {
            recipe = GuidedRecipe.of(recipe, run).recipe();
        }
        return new Trial(recipe, kept(recipe, linears));
    }

    /// The names of the linear layers' weights of a model.
    static Set<String> linears(Path model) throws IOException {
        return LewisRun.describe(ModelLocation.of(model)).linears().stream()
                .map(Decoder.Linear::weight)
                .collect(Collectors.toUnmodifiableSet());
    }

    double meanKept() {
        return kept.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static List<Double> kept(Recipe recipe, Set<String> linears) throws IOException {
        try (Sources sources = Sources.open(recipe)) {
            return KeptShare.ofEach(Plan.of(recipe, sources, Plan.DEFAULT_SEED), linears, recipe);
        }
    }
}
