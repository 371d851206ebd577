package org.lewis.recipe;

import org.lewis.document.Node;

/// What becomes of tensors that some of the models do not have.
public enum MissingTensors {
    /// They are refused.
    REFUSE,
    /// Each is taken from the first model that has it, the base before the others.
    KEEP,
    /// They are left out.
    DROP;

    static MissingTensors parse(Node node) {
        return Choice.parse(node, "choice", values());
    }
}
