package org.lewis.recipe;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lewis.document.Node;
import org.lewis.merge.Demands;
import org.lewis.merge.Method;
import org.lewis.merge.Parameter;

/// Reads lists of models.
final class Entries {

    private Entries() {}

    /// The list under `models`.
    static List<Recipe.Entry> whole(Node list, Method method, List<String> notes) {
        List<Recipe.Entry> entries = new ArrayList<>();
        for (Node model : list.sequence()) {
            Keys.MODEL.check(model, notes);
            entries.add(entry(model, Optional.empty(), method, notes));
        }
        return entries;
    }

    /// A recipe that merges the list under `models`.
    ///
    /// @param recipe all but the models
    static Recipe merged(Node list, Recipe recipe, List<String> notes) {
        Recipe whole = recipe.of(whole(list, recipe.method(), notes));
        whole.refuseWrongNumber(list);
        whole.only()
                .ifPresent(
                        entry -> notes.add(list.place() + ": " + recipe.method().name() + " has nothing to merge "
                                + entry.model() + " with; it is taken as it is"));
        noteListedTwice(whole, notes);
        noteUncountedBase(list, whole, notes);
        return whole;
    }

    private static void noteListedTwice(Recipe recipe, List<String> notes) {
        Set<ModelReference> seen = new HashSet<>();
        for (Recipe.Entry entry : recipe.merged()) {
            if (!seen.add(entry.model())) {
                notes.add(entry.place() + ": " + entry.model() + " is listed before, and counts as one more model;"
                        + " mergekit leaves it out");
            }
        }
    }

    /// mergekit adds the base to the models of any method, with the recipe's own weight, and stops where it has none.
    private static void noteUncountedBase(Node list, Recipe recipe, List<String> notes) {
        boolean isListed = recipe.models().stream().anyMatch(entry -> Roles.isBase(entry, recipe));
        if (recipe.method().demands().base() == Demands.Base.UNUSED
                && recipe.base().isPresent()
                && !isListed
                && recipe.parameters().values().containsKey("weight")) {
            notes.add(list.place() + ": the base " + recipe.base().orElseThrow() + " is not listed, so that "
                    + recipe.method().name() + " does not merge it; mergekit would, with the recipe's own weight");
        }
    }

    /// The list under `sources` of a slice.
    static List<Recipe.Entry> layers(Node list, Method method, List<String> notes) {
        List<Recipe.Entry> entries = new ArrayList<>();
        for (Node source : list.sequence()) {
            Keys.SOURCE.check(source, notes);
            entries.add(entry(source, Optional.of(LayerRange.parse(source.get("layer_range"))), method, notes));
        }
        return entries;
    }

    private static Recipe.Entry entry(Node node, Optional<LayerRange> layers, Method method, List<String> notes) {
        Parameters own = node.find("parameters")
                .map(found -> Parameters.parse(found, method, List.of(Parameter.Scope.MODEL), notes))
                .orElse(Parameters.NONE);
        return new Recipe.Entry(ModelReference.parse(node.get("model")), layers, own, node.place());
    }
}
