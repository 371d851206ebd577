package org.lewis.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.lewis.document.DocumentException;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.merge.Demands;
import org.lewis.merge.Method;
import org.lewis.merge.Methods;
import org.lewis.merge.Parameter;
import org.lewis.merge.Semantics;
import org.lewis.tensor.Dtype;

/// Reads one document of a recipe and checks it as far as that can be done without the models.
final class RecipeReader {

    private final Node node;
    private final List<String> notes = new ArrayList<>();

    private RecipeReader(Node node) {
        this.node = node;
    }

    /// @param text the whole file
    static Recipe read(Node node, Path folder, String text) {
        return new RecipeReader(node).recipe(folder, text);
    }

    private Recipe recipe(Path folder, String text) {
        Keys.RECIPE.check(node, notes);
        Method method = method(node.get("merge_method"));
        Recipe recipe = new Recipe(
                folder,
                method,
                base(method),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                node.find("parameters")
                        .map(found -> Parameters.parse(found, method, List.of(Parameter.Scope.values()), notes))
                        .orElse(Parameters.NONE),
                node.find("out_dtype").or(() -> node.find("dtype")).map(RecipeReader::dtype),
                TokenizerChoice.parse(node),
                node.find("chat_template").map(ChatTemplate::parse),
                semantics(method),
                node.find("missing_tensors").map(MissingTensors::parse).orElse(MissingTensors.REFUSE),
                guidance(method),
                Guided.NONE,
                List.of(),
                node,
                text);
        node.find("dtype").ifPresent(RecipeReader::dtype);
        return withModels(recipe).noting(notes);
    }

    private Recipe withModels(Recipe recipe) {
        List<String> kinds = Stream.of("models", "slices", "modules")
                .filter(key -> node.find(key).isPresent())
                .toList();
        if (kinds.size() != 1) {
            throw node.error("expected one of `models`, `slices` and `modules`, found "
                    + (kinds.isEmpty() ? "none" : String.join(" and ", kinds)));
        }
        String kind = kinds.getFirst();
        Node list = node.get(kind);
        recipe.guidance().filter(_ -> !kind.equals("models")).ifPresent(block -> {
            throw new DocumentException(
                    block.place(),
                    "guidance works on whole models, not on " + kind + ": calibration runs each model as it is; merge"
                            + " `models` with guidance first, and use the result in a recipe of " + kind);
        });
        return switch (kind) {
            case "models" -> Entries.merged(list, recipe, notes);
            case "slices" -> recipe.ofSlices(Slices.parse(list, recipe, notes));
            default -> recipe.ofModules(Module.parse(list, recipe, notes));
        };
    }

    private Optional<ModelReference> base(Method method) {
        Optional<ModelReference> base = node.find("base_model").map(ModelReference::parse);
        // Slices may have bases of their own.
        boolean isOpen = node.find("slices").isPresent();
        if (method.demands().base() == Demands.Base.REQUIRED && base.isEmpty() && !isOpen) {
            throw node.error(method.name() + " works on differences to a base; add `base_model`");
        }
        return base;
    }

    private Semantics semantics(Method method) {
        Semantics semantics =
                node.find("semantics").map(RecipeReader::semantics).orElse(Semantics.MERGEKIT);
        if (semantics == Semantics.PAPER && !method.hasPaperSemantics()) {
            throw node.get("semantics").error(method.name() + " knows no other definition than mergekit's yet");
        }
        return semantics;
    }

    private Optional<Guidance> guidance(Method method) {
        Optional<Guidance> guidance = node.find("guidance").map(found -> Guidance.parse(found, method, notes));
        if (guidance.isEmpty() && method.name().equals(Methods.REGMEAN)) {
            throw node.error("regmean needs calibration text: a `guidance:` block with `method: regmean`");
        }
        return guidance;
    }

    private static Method method(Node node) {
        return Methods.named(node.text())
                .orElseThrow(() ->
                        node.error("unknown merge method " + node + Nearest.suggestion(node.text(), Methods.names())));
    }

    private static Semantics semantics(Node node) {
        return switch (node.text()) {
            case "mergekit" -> Semantics.MERGEKIT;
            case "paper" -> Semantics.PAPER;
            default -> throw node.expected("mergekit or paper");
        };
    }

    private static Dtype dtype(Node node) {
        Map<String, Dtype> known = new LinkedHashMap<>();
        for (Dtype dtype : List.of(Dtype.F32, Dtype.F16, Dtype.BF16)) {
            known.put(dtype.configName(), dtype);
        }
        String name = node.text().toLowerCase(Locale.ROOT).replaceFirst("^torch\\.", "");
        if (!known.containsKey(name)) {
            throw node.error("unknown dtype " + node + Nearest.suggestion(name, known.keySet()));
        }
        return known.get(name);
    }
}
