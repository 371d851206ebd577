package org.lewis.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lewis.document.Node;
import org.lewis.merge.Demands;
import org.lewis.merge.Parameter;

/// Reads `slices`: the layers of the output, piece by piece.
final class Slices {

    private Slices() {}

    /// @param whole what all slices share
    /// @return a recipe for each slice; its parameters come before those of the whole
    static List<Recipe> parse(Node list, Recipe whole, List<String> notes) {
        List<Recipe> slices = new ArrayList<>();
        for (Node node : list.sequence()) {
            // mergekit knows `residual_weight` and does nothing with it.
            Keys.SLICE.check(node, notes);
            node.find("residual_weight").ifPresent(found -> notes.add(found.place() + ": has no effect"));
            Parameters parameters = node.find("parameters")
                    .map(found -> Parameters.parse(found, whole.method(), List.of(Parameter.Scope.values()), notes))
                    .orElse(Parameters.NONE)
                    .orElse(whole.parameters());
            Node sources = node.get("sources");
            List<Recipe.Entry> entries = Entries.layers(sources, whole.method(), notes);
            Recipe slice = withBase(node, whole).withParameters(parameters).of(entries);
            slice.refuseWrongNumber(sources);
            refuseUnequalLengths(sources, entries);
            refuseWithoutBase(sources, slice);
            slices.add(slice);
        }
        if (slices.isEmpty()) {
            throw list.expected("at least one slice");
        }
        return slices;
    }

    /// The base that the slice names, else that of the whole.
    private static Recipe withBase(Node slice, Recipe whole) {
        Optional<ModelReference> own = slice.find("base_model").map(ModelReference::parse);
        if (own.isEmpty() && whole.base().isEmpty() && whole.method().demands().base() == Demands.Base.REQUIRED) {
            throw slice.error(whole.method().name()
                    + " works on differences to a base; add `base_model` here, or for the whole recipe");
        }
        return own.map(whole::withBase).orElse(whole);
    }

    private static void refuseUnequalLengths(Node sources, List<Recipe.Entry> entries) {
        int length = length(entries.getFirst());
        for (Recipe.Entry entry : entries) {
            if (length(entry) != length) {
                throw sources.error("all sources of a slice need the same number of layers, found "
                        + entries.getFirst().layers().orElseThrow() + " and "
                        + entry.layers().orElseThrow());
            }
        }
    }

    /// Task vectors need the layers of the base that belong to those of the models.
    private static void refuseWithoutBase(Node sources, Recipe slice) {
        boolean needsBase = switch (slice.method().demands().base()) {
            case REQUIRED, OPTIONAL, FIRST_MODEL -> slice.only().isEmpty();
            case UNUSED, MODEL -> false;
        };
        if (needsBase
                && slice.base().isPresent()
                && slice.models().stream().noneMatch(entry -> Roles.isBase(entry, slice))) {
            throw sources.error("the base " + slice.base().orElseThrow() + " is not among the sources; list it with the"
                    + " layers that the models' differ from");
        }
    }

    private static int length(Recipe.Entry entry) {
        return entry.layers().orElseThrow().length();
    }
}
