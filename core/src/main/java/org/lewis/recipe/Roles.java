package org.lewis.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who of the models that a recipe lists is the base, and who is merged.
final class Roles {

    private Roles() {}

    static List<Recipe.Entry> merged(Recipe recipe) {
        Optional<Recipe.Entry> listedBase =
                recipe.models().stream().filter(entry -> isBase(entry, recipe)).findFirst();
        List<Recipe.Entry> others =
                recipe.models().stream().filter(entry -> !isBase(entry, recipe)).toList();
        if (recipe.base().isEmpty()) {
            return recipe.models();
        }
        return switch (recipe.method().demands().base()) {
            case UNUSED -> recipe.models();
            case REQUIRED, OPTIONAL -> others;
            case FIRST_MODEL, MODEL -> {
                List<Recipe.Entry> all = new ArrayList<>(others);
                listedBase.or(() -> whole(recipe)).ifPresent(all::addFirst);
                yield List.copyOf(all);
            }
        };
    }

    /// The base of a merge of whole models that does not list it. A slice has no layers of such a base.
    private static Optional<Recipe.Entry> whole(Recipe recipe) {
        boolean isSlice =
                recipe.models().stream().anyMatch(entry -> entry.layers().isPresent());
        return isSlice
                ? Optional.empty()
                : recipe.base()
                        .map(base -> new Recipe.Entry(
                                base,
                                Optional.empty(),
                                Parameters.NONE,
                                recipe.document().place()));
    }

    static boolean mergesDifferences(Recipe recipe) {
        return recipe.base().isPresent()
                && recipe.only().isEmpty()
                && switch (recipe.method().demands().base()) {
                    case REQUIRED, OPTIONAL -> true;
                    case UNUSED, FIRST_MODEL, MODEL -> false;
                };
    }

    /// A task vector method needs its base, so that its only model must be that.
    static Optional<Recipe.Entry> only(Recipe recipe) {
        if (recipe.models().size() != 1
                || recipe.method().demands().allows(merged(recipe).size())) {
            return Optional.empty();
        }
        Recipe.Entry entry = recipe.models().getFirst();
        return switch (recipe.method().demands().base()) {
            case REQUIRED, OPTIONAL ->
                recipe.base().isEmpty() || isBase(entry, recipe) ? Optional.of(entry) : Optional.empty();
            case UNUSED, FIRST_MODEL, MODEL -> Optional.of(entry);
        };
    }

    static boolean isBase(Recipe.Entry entry, Recipe recipe) {
        return recipe.base().stream().anyMatch(entry.model()::equals);
    }
}
