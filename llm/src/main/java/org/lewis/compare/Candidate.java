package org.lewis.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.guidance.LayerGuidance;
import org.lewis.recipe.Recipe;

/// A merge to be compared.
///
/// @param name   of the method, or of the recipe's file
/// @param recipe whose guidance is not done yet
record Candidate(String name, Recipe recipe) {

    /// What guidance found out about the models, by the names that fine-tunes have in tables; by those of the recipe
    /// where two would have one.
    Map<String, LayerGuidance> layers(GuidedRecipe guided) {
        Map<String, LayerGuidance> layers = new LinkedHashMap<>();
        for (Recipe.Entry entry : recipe.merged()) {
            String inRecipe = entry.model().toString();
            LayerGuidance found = guided.layers().get(inRecipe);
            if (found != null) {
                String name = FineTune.nameOf(entry.model());
                layers.put(layers.containsKey(name) ? inRecipe : name, found);
            }
        }
        return layers;
    }
}
