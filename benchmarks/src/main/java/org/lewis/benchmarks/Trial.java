package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.guidance.LewisRun;
import org.lewis.model.Decoder;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Recipe;

/// A recipe of an experiment, with its guidance done.
///
/// @param kept for each fine-tune, the share of its linear layers' weights that the densities keep
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
            List<TensorJob.Merged> jobs = Plan.of(recipe, sources, Plan.DEFAULT_SEED).jobs().stream()
                    .filter(job -> linears.contains(job.slot().name()))
                    .map(TensorJob.Merged.class::cast)
                    .toList();
            double all = jobs.stream().mapToLong(Trial::size).sum();
            return IntStream.range(0, recipe.merged().size())
                    .mapToObj(model -> jobs.stream()
                                    .mapToDouble(job -> size(job)
                                            * job.settings().models().get(model).getOrDefault("density", 1.0))
                                    .sum()
                            / all)
                    .toList();
        }
    }

    private static long size(TensorJob.Merged job) {
        return job.slot().shape().elements();
    }
}
