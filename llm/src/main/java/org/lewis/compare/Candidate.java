package org.lewis.compare;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.guidance.LayerGuidance;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;

/// A merge to be compared.
///
/// @param name   of the method, or of the recipe's file
/// @param recipe whose guidance is not done yet
/// @param names  that the merged models have in tables, by those that they have in the recipe
record Candidate(String name, Recipe recipe, Map<String, String> names) {

    /// What the base is called in tables.
    static final String BASE = "base";

    /// A recipe of the user's own, whose models are called as fine-tunes are; as in the recipe where two would have one
    /// name.
    static Candidate of(String name, Recipe recipe) {
        Map<String, String> names = new LinkedHashMap<>();
        for (Recipe.Entry entry : recipe.merged()) {
            String inRecipe = entry.model().toString();
            String inTables = FineTune.nameOf(entry.model());
            names.putIfAbsent(inRecipe, names.containsValue(inTables) ? inRecipe : inTables);
        }
        return new Candidate(name, recipe, names);
    }

    /// What guidance found out about the models, by their names in tables.
    Map<String, LayerGuidance> layers(GuidedRecipe guided) {
        Map<String, LayerGuidance> layers = new LinkedHashMap<>();
        names.forEach((inRecipe, inTables) -> {
            if (guided.layers().containsKey(inRecipe)) {
                layers.put(inTables, guided.layers().get(inRecipe));
            }
        });
        return layers;
    }

    /// The models that calibration runs, base first, by their names in tables; none without guidance.
    List<String> calibrated() {
        return List.copyOf(calibratedInRecipe().keySet());
    }

    /// Calibration packs of these models, by the names in the recipe.
    ///
    /// @param packs by names in tables, others' among them
    Map<String, Path> packs(Map<String, Path> packs) {
        Map<String, Path> own = new LinkedHashMap<>();
        calibratedInRecipe().forEach((inTables, inRecipe) -> {
            if (packs.containsKey(inTables)) {
                own.put(inRecipe, packs.get(inTables));
            }
        });
        return own;
    }

    private Map<String, String> calibratedInRecipe() {
        Map<String, String> calibrated = new LinkedHashMap<>();
        if (recipe.guidance().isPresent()) {
            recipe.base().map(ModelReference::toString).ifPresent(base -> calibrated.put(BASE, base));
            names.forEach((inRecipe, inTables) -> calibrated.putIfAbsent(inTables, inRecipe));
        }
        return calibrated;
    }
}
