package org.lewis.recipe;

import java.util.Optional;
import org.lewis.document.Node;

/// A model as a recipe names it: `path-or-id[@revision][+adapter]`, or the mapping `{model: {path, revision}, lora}`.
///
/// @param path     a folder, or the name of a model on the hub
/// @param revision of the hub model
/// @param adapter  a LoRA adapter to apply
public record ModelReference(String path, Optional<String> revision, Optional<String> adapter) {

    static ModelReference parse(Node node) {
        if (node.isMapping()) {
            node.allowing("model", "lora", "override_architecture");
            Node model = node.get("model");
            if (model.isText()) {
                return new ModelReference(
                        nonEmpty(model), Optional.empty(), node.find("lora").map(ModelReference::adapterPath));
            }
            model.allowing("path", "revision");
            return new ModelReference(
                    nonEmpty(model.get("path")),
                    model.find("revision").map(Node::text),
                    node.find("lora").map(ModelReference::adapterPath));
        }
        return parse(node, nonEmpty(node));
    }

    /// Likewise for a part of what the node says.
    static ModelReference parse(Node node, String text) {
        try {
            return of(text);
        } catch (IllegalArgumentException e) {
            throw node.error(e.getMessage() + "; write a path that contains them as {model: {path: ...}}");
        }
    }

    /// Reads `path-or-id[@revision][+adapter]`.
    ///
    /// @throws IllegalArgumentException when that can be read in more than one way
    public static ModelReference of(String text) {
        String[] withAdapter = text.split("\\+", -1);
        String[] withRevision = withAdapter[0].split("@", -1);
        if (withAdapter.length > 2 || withRevision.length > 2) {
            throw new IllegalArgumentException("more than one '+' or '@' in \"" + text + "\"");
        }
        return new ModelReference(
                withRevision[0],
                withRevision.length == 2 ? Optional.of(withRevision[1]) : Optional.empty(),
                withAdapter.length == 2 ? Optional.of(withAdapter[1]) : Optional.empty());
    }

    private static String adapterPath(Node node) {
        return node.isMapping() ? node.allowing("path", "revision").get("path").text() : node.text();
    }

    private static String nonEmpty(Node node) {
        String text = node.text();
        if (text.isBlank()) {
            throw node.expected("the path or name of a model");
        }
        return text;
    }

    /// The last part of the path, without what only one machine knows.
    public String shortName() {
        String trimmed = path.replaceAll("[/\\\\]+$", "");
        return trimmed.substring(Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\')) + 1);
    }

    @Override
    public String toString() {
        return path
                + revision.map(r -> "@" + r).orElse("")
                + adapter.map(a -> "+" + a).orElse("");
    }
}
