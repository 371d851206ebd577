package org.lewis.guidance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.document.DocumentException;
import org.lewis.document.Node;

/// What LEWIS found out about a model and made of it.
///
/// @param movement  how far calibration says that its layers moved
/// @param densities how much of each a merge keeps
public record LayerGuidance(Movement movement, LayerTable densities) {

    /// @throws IllegalArgumentException unless both are of the same layers and components
    public LayerGuidance {
        LayerTable importance = movement.tuned();
        if (!densities.components().equals(importance.components()) || densities.layers() != importance.layers()) {
            throw new IllegalArgumentException("densities of " + densities.layers() + " layers with "
                    + densities.components() + " are none of a model of " + importance.layers() + " layers with "
                    + importance.components());
        }
    }

    /// Reads what [#plain] has become in a document.
    ///
    /// @throws DocumentException when it cannot be that
    public static LayerGuidance read(Node node) {
        List<String> components =
                node.get("components").sequence().stream().map(Node::text).toList();
        LayerTable base = LayerTable.read(node.get("base_importance"), components);
        LayerTable tuned = LayerTable.read(node.get("importance"), components);
        LayerTable densities = LayerTable.read(node.get("densities"), components);
        try {
            return new LayerGuidance(new Movement(base, tuned), densities);
        } catch (IllegalArgumentException e) {
            throw node.error(e.getMessage());
        }
    }

    /// Reads what was found out about several models of one architecture, by their names.
    ///
    /// @throws DocumentException when it cannot be that
    public static Map<String, LayerGuidance> readAll(Node byModel) {
        Map<String, LayerGuidance> all = new LinkedHashMap<>();
        byModel.mapping().forEach((model, node) -> {
            LayerGuidance found = read(node);
            int layers = found.densities().layers();
            all.values().stream().findFirst().ifPresent(first -> {
                if (first.densities().layers() != layers) {
                    throw node.error("a model of " + layers + " layers is not merged with one of "
                            + first.densities().layers());
                }
            });
            all.put(model, found);
        });
        return all;
    }

    /// Three tables and the names of their columns, for a document.
    public Map<String, Object> plain() {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("components", densities.components());
        plain.put("base_importance", movement.base().plain());
        plain.put("importance", movement.tuned().plain());
        plain.put("densities", densities.plain());
        return plain;
    }
}
