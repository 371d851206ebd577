package org.lewis.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lewis.document.Node;
import org.lewis.merge.Method;
import org.lewis.merge.Parameter;

/// Reads lists of models.
final class Entries {

    private Entries() {}

    /// The list under `models`.
    static List<Recipe.Entry> whole(Node list, Method method, List<String> notes) {
        List<Recipe.Entry> entries = new ArrayList<>();
        for (Node model : list.sequence()) {
            model.allowing("model", "parameters");
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
        return whole;
    }

    /// The list under `sources` of a slice.
    static List<Recipe.Entry> layers(Node list, Method method, List<String> notes) {
        List<Recipe.Entry> entries = new ArrayList<>();
        for (Node source : list.sequence()) {
            source.allowing("model", "layer_range", "parameters");
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
