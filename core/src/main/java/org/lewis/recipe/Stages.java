package org.lewis.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lewis.document.DocumentException;
import org.lewis.document.Node;
import org.lewis.document.Yaml;

/// Reads a file of one or more documents. Those that have a `name` are stages: the others use what they make by that
/// name in place of a model.
final class Stages {

    private final Map<String, Recipe> unlinked = new LinkedHashMap<>();
    private final Map<String, Recipe> linked = new LinkedHashMap<>();
    private final Set<String> open = new LinkedHashSet<>();

    private Stages() {}

    /// The recipe of the document without a name, or of the last one when all have names.
    static Recipe read(String file, String yaml, Path folder) {
        List<Node> documents = Yaml.parseAll(file, yaml).stream()
                .filter(document -> !document.isNull())
                .toList();
        if (documents.size() < 2) {
            Node only = documents.isEmpty() ? Yaml.parseAll(file, yaml).getFirst() : documents.getFirst();
            return RecipeReader.read(only, folder, yaml);
        }
        Node result = result(documents);
        Stages stages = new Stages();
        Recipe last = null;
        for (Node document : documents) {
            Recipe recipe = RecipeReader.read(document, folder, yaml);
            refuseGuidance(recipe);
            if (document == result) {
                last = recipe;
            } else {
                stages.unlinked.put(document.get("name").text(), recipe);
            }
        }
        return stages.finished(last);
    }

    private static Node result(List<Node> documents) {
        List<Node> unnamed =
                documents.stream().filter(node -> node.find("name").isEmpty()).toList();
        if (unnamed.size() > 1) {
            throw unnamed.get(1).error("a second document without a `name`; only the last step of the merge has none");
        }
        Map<String, Node> names = new LinkedHashMap<>();
        for (Node document : documents) {
            document.find("name").ifPresent(name -> {
                if (name.text().isBlank()) {
                    throw name.expected("a name");
                }
                Node before = names.putIfAbsent(name.text(), name);
                if (before != null) {
                    throw name.error("line " + before.place().line() + " has a stage " + name + ", too");
                }
            });
        }
        return unnamed.isEmpty() ? documents.getLast() : unnamed.getFirst();
    }

    private static void refuseGuidance(Recipe recipe) {
        recipe.guidance().ifPresent(block -> {
            throw new DocumentException(
                    block.place(),
                    "guidance works on models in folders, not in recipes of stages: calibration runs models, and those"
                            + " of stages are never written; merge this document alone, and name its folder in the"
                            + " others");
        });
    }

    private Recipe finished(Recipe last) {
        Recipe recipe = link(last);
        List<String> notes = new ArrayList<>(recipe.notes());
        Map<String, Recipe> all = new LinkedHashMap<>(recipe.stages());
        Set<String> used = recipe.allStages().keySet();
        unlinked.forEach((name, stage) -> {
            if (!used.contains(name)) {
                all.put(name, stage(name, stage));
                notes.add(stage.document().get("name").place() + ": nothing uses the stage " + name);
            }
        });
        return recipe.withStages(all).noting(notes);
    }

    /// The recipe with the stages that it uses, and these with theirs.
    private Recipe link(Recipe recipe) {
        Map<String, Recipe> used = new LinkedHashMap<>();
        for (ModelReference reference : recipe.references()) {
            String name = reference.path();
            if (!unlinked.containsKey(name)) {
                continue;
            }
            refuseMoreThanAName(reference, recipe);
            used.put(name, stage(name, recipe));
        }
        return recipe.withStages(used);
    }

    /// A stage as a recipe of its own: what it needs, then itself without its name.
    private static String text(Recipe stage) {
        List<String> documents = new ArrayList<>();
        stage.allStages()
                .values()
                .forEach(used -> documents.add(Yaml.write(used.document().plain())));
        Map<String, Object> own = new LinkedHashMap<>();
        stage.document().mapping().forEach((key, value) -> own.put(key, value.plain()));
        own.remove("name");
        documents.add(Yaml.write(own));
        return String.join("---\n", documents);
    }

    private Recipe stage(String name, Recipe user) {
        if (!open.add(name)) {
            throw user.document()
                    .error("stages that need each other: " + String.join(" needs ", open) + " needs " + name);
        }
        Recipe stage = linked.get(name);
        if (stage == null) {
            stage = link(unlinked.get(name));
            stage = stage.withText(text(stage));
            linked.put(name, stage);
        }
        open.remove(name);
        return stage;
    }

    private static void refuseMoreThanAName(ModelReference reference, Recipe recipe) {
        Optional<String> more = reference.revision().or(reference::adapter);
        if (more.isPresent()) {
            throw recipe.document().error(reference + ": a stage has no revisions, and takes no adapter");
        }
    }
}
