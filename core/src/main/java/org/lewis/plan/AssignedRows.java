package org.lewis.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.DocumentException;
import org.lewis.document.Nearest;
import org.lewis.document.Place;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.TokenizerChoice;
import org.lewis.vocabulary.Alignment;
import org.lewis.vocabulary.Origin;

/// The rows that a recipe sets for single tokens, found in the tables of its models.
record AssignedRows(List<Ingredient> models, List<Alignment.Member> members) {

    /// By token.
    ///
    /// @param members tokens and rows of each model
    /// @throws DocumentException when a model or a row is not there
    static Map<String, Alignment.Assigned> of(
            TokenizerChoice choice, List<Ingredient> models, List<Alignment.Member> members) {
        AssignedRows rows = new AssignedRows(models, members);
        Map<String, Alignment.Assigned> assigned = new LinkedHashMap<>();
        choice.tokens().forEach((token, set) -> {
            Optional<Origin> origin = set.row().map(row -> rows.origin(token, row, set.place()));
            assigned.put(token, new Alignment.Assigned(origin, set.force()));
        });
        return assigned;
    }

    private Origin origin(String token, TokenizerChoice.ModelRow row, Place place) {
        int model = indexOf(row.model(), models, place);
        Alignment.Member member = members.get(model);
        if (row.tokenId().isPresent()) {
            int id = row.tokenId().get();
            if (id >= member.rows()) {
                throw new DocumentException(
                        place, row.model() + " has no row " + id + "; its tables have " + member.rows() + " rows");
            }
            return new Origin(model, id);
        }
        String wanted = row.token().orElse(token);
        return member.row(wanted)
                .map(found -> new Origin(model, found))
                .orElseThrow(() -> new DocumentException(
                        place,
                        row.model() + " has no row for a token \"" + wanted + "\"" + nearest(wanted, member.ids())));
    }

    private static String nearest(String token, Map<String, Integer> ids) {
        return Nearest.to(token, ids.keySet())
                .map(near -> "; did you mean \"" + near + "\"?")
                .orElse("");
    }

    /// The number of a model of the recipe.
    static int indexOf(ModelReference reference, List<Ingredient> models, Place place) {
        List<ModelReference> known = models.stream().map(Ingredient::reference).toList();
        if (!known.contains(reference)) {
            List<String> names = known.stream().map(ModelReference::toString).toList();
            throw new DocumentException(
                    place,
                    reference + " is none of the models of this recipe"
                            + Nearest.suggestion(reference.toString(), names));
        }
        return known.indexOf(reference);
    }
}
