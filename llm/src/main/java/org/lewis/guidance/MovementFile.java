package org.lewis.guidance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// `<type>_importance.json`: what `<type>_delta.csv` is made of, and the deltas again. `base`, `tuned` and `delta` are
/// lists of rows, one for each layer, with a number for each component, or null where the layer lacks it.
public record MovementFile(String type, String baseType) {

    public Path in(Path folder) {
        return folder.resolve(type + "_importance.json");
    }

    public void write(Path folder, Movement movement) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", type);
        document.put("base_type", baseType);
        document.put("components", movement.base().components());
        document.put("base", movement.base().plain());
        document.put("tuned", movement.tuned().plain());
        document.put("delta", movement.deltas().plain());
        Files.createDirectories(folder);
        Files.write(in(folder), Json.pretty(document).getBytes(StandardCharsets.UTF_8));
    }

    /// Reads the importances of some components, in their order.
    ///
    /// @throws CheckpointException when the file is missing
    /// @throws DocumentException   when it is no such table
    public Movement read(Path folder, List<String> components) throws IOException {
        Path file = in(folder);
        if (!Files.exists(file)) {
            throw new CheckpointException(file + ": missing; `lewis importance --json` writes it");
        }
        Node node = Json.read(file);
        List<String> columns =
                node.get("components").sequence().stream().map(Node::text).toList();
        for (String component : components) {
            if (!columns.contains(component)) {
                throw node.get("components").error("has no " + component);
            }
        }
        return new Movement(
                LayerTable.read(node.get("base"), columns).of(components),
                LayerTable.read(node.get("tuned"), columns).of(components));
    }
}
