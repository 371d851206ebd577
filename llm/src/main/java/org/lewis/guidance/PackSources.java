package org.lewis.guidance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.lewis.recipe.Guidance;
import org.lewis.recipe.Ranking;

/// The packs that a recipe's guidance takes. Whatever is wrong with one of them is told when they are gathered, before
/// any model runs.
///
/// @param compared for LEWIS, those of each merged model and its base
/// @param bases    for AIM, those of the base, one for each text
/// @param tuned    for Wanda, those of each merged model
record PackSources(List<Compared> compared, List<PackSource> bases, List<PackSource> tuned) {

    /// Two models on one text.
    record Compared(PackSource base, PackSource tuned) {}

    static PackSources of(GuidedModels models, LewisRun run) throws IOException {
        Guidance guidance = models.guidance();
        boolean isWanda = guidance.ranking() instanceof Ranking.Wanda;
        double pruned = guidance.sparsityRatio();
        List<Compared> compared = new ArrayList<>();
        TreeMap<String, PackSource> bases = new TreeMap<>(); // models may share a text
        List<PackSource> tuned = new ArrayList<>();
        for (int model = 0; model < models.count(); model++) {
            if (guidance.densities().isPresent()) {
                PackSource base = base(models, run, model, pruned);
                PackSource own = tuned(models, run, model, pruned);
                base.requireSameText(own);
                compared.add(new Compared(base, own));
            }
            if (guidance.omega().isPresent()) {
                PackSource base = base(models, run, model, 0);
                bases.put(base.idsHash(), base);
            }
            if (isWanda) {
                tuned.add(tuned(models, run, model, 0));
            }
        }
        return new PackSources(compared, List.copyOf(bases.values()), tuned);
    }

    private static PackSource base(GuidedModels models, LewisRun run, int model, double pruned) throws IOException {
        String name = models.recipe().base().orElseThrow().toString();
        return run.source(name, models.base(), models.text(model), pruned);
    }

    private static PackSource tuned(GuidedModels models, LewisRun run, int model, double pruned) throws IOException {
        return run.source(models.name(model), models.tuned().get(model), models.text(model), pruned);
    }
}
