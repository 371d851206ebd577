package org.lewis.plan;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.model.TensorNames;
import org.lewis.tensor.Shape;

/// Refuses models that do not fit together.
final class Inventories {

    private Inventories() {}

    /// @param missing by model, the tensors that it lacks and others have
    /// @throws CheckpointException naming them all, when there are any
    static void refuseMissing(Map<String, Set<String>> missing) throws CheckpointException {
        if (!missing.isEmpty()) {
            throw new CheckpointException("the models do not have the same tensors; "
                    + missing.entrySet().stream()
                            .map(model -> "missing in " + model.getKey() + ": " + String.join(", ", model.getValue()))
                            .collect(Collectors.joining("; "))
                    + "; `missing_tensors: keep` takes each from the first model that has it, `missing_tensors: drop`"
                    + " leaves them out");
        }
    }

    static void refuseDifferentShapes(String tensor, Map<String, Shape> shapes) throws CheckpointException {
        if (shapes.values().stream().distinct().count() > 1) {
            throw new CheckpointException(tensor + ": shapes differ: " + shapes
                    + (TensorNames.hasRowsOfTokens(tensor)
                            ? "; add `tokenizer_source: union` or `base` to give all models one vocabulary"
                            : "; models can be merged only when they have the same architecture"));
        }
    }
}
