package org.lewis.guidance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lewis.calibrate.GramPass;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;
import org.lewis.merge.Guides;
import org.lewis.plan.Plan;
import org.lewis.recipe.DensityRule;
import org.lewis.recipe.Guidance;
import org.lewis.recipe.Guided;
import org.lewis.recipe.Ranking;
import org.lewis.recipe.Recipe;
import org.lewis.recipe.Regression;

/// Does what a recipe's `guidance:` block asks for: calibrates, and puts into the recipe what it finds.
///
/// @param recipe with densities, scales of columns, or files of tensors
/// @param layers of each merged model, by its name in the recipe; empty when LEWIS was not asked
public record GuidedRecipe(Recipe recipe, Map<String, LayerGuidance> layers) {

    /// With the standard seed.
    public static GuidedRecipe of(Recipe recipe, LewisRun run) throws IOException {
        return of(recipe, run, Plan.DEFAULT_SEED);
    }

    /// @param seed of the merge's random masks, which a merge from the front on depends on
    /// @throws DocumentException   when the recipe names no base, or says nowhere how much is to stay
    /// @throws CheckpointException when a model cannot be run, or the calibration file holds no text
    public static GuidedRecipe of(Recipe recipe, LewisRun run, long seed) throws IOException {
        GuidedModels models = GuidedModels.of(recipe);
        Guidance guidance = models.guidance();
        if (!(guidance.ranking() instanceof Ranking.Magnitude)) {
            models.refuseTwins();
        }
        // RegMean of separate models keeps its matrices in files.
        if (hasMatrices(guidance)
                && guidance.regression().map(Regression::sequential).orElse(true)) {
            GramPass.requireRoom(models.decoder(), InverseHessian.WORKSPACE, run.resources());
        }
        PackSources packs = PackSources.of(models, run);
        Map<String, LayerGuidance> layers = new LinkedHashMap<>();
        Recipe next = recipe;
        if (guidance.densities().isPresent()) {
            List<Map<String, Double>> byTensor = new ArrayList<>();
            lewis(models, guidance.densities().get(), run, packs, layers, byTensor);
            next = recipe.withDensities(byTensor, guidance.applyToWeights());
        }
        Map<String, Guides> relaxed = guidance.omega().isPresent()
                ? Relaxation.guides(models, run, packs.bases(), guidance.omega().getAsDouble())
                : Map.of();
        Recipe relaxing = next.guided(new Guided(relaxed, Map.of()));
        if (guidance.regression().isPresent()) {
            return new GuidedRecipe(new RegressionGuidance(models, run, seed).guide(relaxing), layers);
        }
        return new GuidedRecipe(
                switch (guidance.ranking()) {
                    case Ranking.Magnitude _ -> relaxing;
                    case Ranking.Wanda wanda ->
                        RankedGuidance.of(models, run, relaxing, seed).wanda(wanda, packs.tuned());
                    case Ranking.SparseGpt sparseGpt ->
                        RankedGuidance.of(models, run, relaxing, seed).sparseGpt(sparseGpt);
                },
                layers);
    }

    /// The most memory that Gram matrices, and what is computed from them, will take at a time, in bytes; 0 where there
    /// are none. The weights of a block, and activations up to the memory allowed, come to that.
    public static long bytes(Recipe recipe) throws IOException {
        GuidedModels models = GuidedModels.of(recipe);
        return hasMatrices(models.guidance()) ? GramPass.bytes(models.decoder(), InverseHessian.WORKSPACE) : 0;
    }

    private static boolean hasMatrices(Guidance guidance) {
        return guidance.regression().isPresent() || guidance.ranking() instanceof Ranking.SparseGpt;
    }

    private static void lewis(
            GuidedModels models,
            DensityRule rule,
            LewisRun run,
            PackSources packs,
            Map<String, LayerGuidance> layers,
            List<Map<String, Double>> byTensor)
            throws IOException {
        Linears linears = Linears.of(models.decoder());
        Set<String> chosen = chosen(models.guidance(), rule, linears);
        for (int i = 0; i < models.count(); i++) {
            Movement movement = run.movement(
                    packs.compared().get(i).base(),
                    packs.compared().get(i).tuned(),
                    models.guidance().metric());
            LayerTable densities = Lewis.densities(movement.scores(rule.granularity()), rule, chosen);
            layers.put(models.name(i), new LayerGuidance(movement, densities));
            byTensor.add(byTensor(linears, densities));
        }
    }

    private static Set<String> chosen(Guidance guidance, DensityRule rule, Linears linears) {
        try {
            return linears.chosen(rule.only());
        } catch (IllegalArgumentException e) {
            throw new DocumentException(guidance.placeOf("only"), e.getMessage());
        }
    }

    private static Map<String, Double> byTensor(Linears linears, LayerTable table) {
        Map<String, Double> densities = new LinkedHashMap<>();
        for (int layer = 0; layer < table.layers(); layer++) {
            for (Map.Entry<String, String> linear : linears.weights().get(layer).entrySet()) {
                densities.put(linear.getValue(), table.value(layer, linear.getKey()));
            }
        }
        return densities;
    }
}
