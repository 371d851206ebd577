package org.lewis.recipe;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lewis.document.DocumentException;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.document.Place;
import org.lewis.merge.Methods;

/// The keys of a recipe. mergekit ignores what it does not know, so that recipes of the field hold keys that never had
/// an effect, or not where they stand. They are refused with the place where they belong.
enum Keys {
    RECIPE(
            "merge_method",
            "name",
            "models",
            "slices",
            "modules",
            "base_model",
            "parameters",
            "dtype",
            "out_dtype",
            "tokenizer",
            "tokenizer_source",
            "chat_template",
            "semantics",
            "missing_tensors",
            "guidance"),
    MODEL("model", "parameters"),
    SLICE("sources", "parameters", "base_model", "residual_weight"),
    SOURCE("model", "layer_range", "parameters"),
    MODULE("models", "slices", "parameters");

    /// Keys that recipes carry along: of older versions of mergekit, and of its search for recipes.
    private static final Set<String> WITHOUT_EFFECT = Set.of("embed_slerp", "smooth", "allow_negative_weights");

    private static final String EXPERTS = "that is a recipe for mergekit-moe, and Lewis makes no mixtures of experts";

    /// Keys of other tools of mergekit, and what to do about them.
    private static final Map<String, String> OF_OTHER_TOOLS = Map.of(
            "experts", EXPERTS,
            "gate_mode", EXPERTS,
            "experts_per_token", EXPERTS,
            "shared_experts", EXPERTS,
            "genome", "that is a task for mergekit-evolve, which searches for recipes",
            "out_path", "a stage is known by its `name`, and other documents use it by that");

    /// What holds anchors for the rest of the file.
    private static final String EXTENSION = "x-";

    private final List<String> known;

    Keys(String... known) {
        this.known = Arrays.asList(known);
    }

    /// Refuses what the mapping must not hold.
    ///
    /// @param notes where to say what has no effect
    void check(Node mapping, List<String> notes) {
        mapping.keys().forEach((key, place) -> {
            if (known.contains(key) || this == RECIPE && key.startsWith(EXTENSION)) {
                return;
            }
            if (this == RECIPE && key.equals("random_seed")) {
                notes.add(place + ": has no effect; the seed of random masks is the option `--seed`");
            } else {
                throw new DocumentException(place, "unknown key \"" + key + "\"" + advice(key));
            }
        });
    }

    private String advice(String key) {
        if (this == RECIPE && OF_OTHER_TOOLS.containsKey(key)) {
            return "; " + OF_OTHER_TOOLS.get(key);
        }
        if ((this == MODEL || this == SOURCE) && key.equals("revision")) {
            return "; it belongs to the model's name, as in `model: NAME@REVISION`";
        }
        if ((this == MODEL || this == SOURCE) && key.equals("lora")) {
            return "; it belongs to the model's name, as in `model: NAME+LORA`";
        }
        if (this == MODEL && key.equals("layer_range")) {
            return "; models are merged whole, and `slices` take layers of them";
        }
        if (isParameter(key)) {
            return "; it belongs under `parameters`";
        }
        return belongsToRecipe(key);
    }

    private String belongsToRecipe(String key) {
        return this != RECIPE && RECIPE.known.contains(key)
                ? "; it belongs to the top level of the recipe"
                : Nearest.suggestion(key, known);
    }

    private static boolean isParameter(String key) {
        return Methods.ALL_METHODS.stream()
                .flatMap(method -> method.parameters().stream())
                .anyMatch(parameter -> parameter.name().equals(key));
    }

    /// For a word under `parameters` that is no parameter of the recipe's method: refuses it unless recipes of the
    /// field carry it along, parameters of other methods included.
    ///
    /// @param parameters of the method
    /// @param what       the method's name
    static void refuseUnlessCarried(String key, Place place, String what, Set<String> parameters) {
        if (isParameter(key) || WITHOUT_EFFECT.contains(key)) {
            return;
        }
        throw new DocumentException(
                place,
                what + " has no parameter \"" + key + "\""
                        + (RECIPE.known.contains(key)
                                ? "; it belongs to the top level of the recipe"
                                : Nearest.suggestion(key, parameters)));
    }
}
