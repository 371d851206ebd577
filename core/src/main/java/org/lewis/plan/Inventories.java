package org.lewis.plan;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.model.Slot;
import org.lewis.model.TensorNames;
import org.lewis.tensor.Shape;

/// Refuses models that do not fit together.
final class Inventories {

    private Inventories() {}

    static void refuseDifferentNames(List<Ingredient> models) throws CheckpointException {
        Ingredient first = models.getFirst();
        for (Ingredient model : models) {
            Set<String> missing = new TreeSet<>(first.tensors().keySet());
            missing.removeAll(model.tensors().keySet());
            missing.removeIf(Slot::isBuffer);
            Set<String> extra = new TreeSet<>(model.tensors().keySet());
            extra.removeAll(first.tensors().keySet());
            extra.removeIf(Slot::isBuffer);
            if (!missing.isEmpty() || !extra.isEmpty()) {
                throw new CheckpointException(model.reference() + " and " + first.reference()
                        + " do not have the same tensors"
                        + (missing.isEmpty() ? "" : "; missing in " + model.reference() + ": " + listed(missing))
                        + (extra.isEmpty() ? "" : "; only in " + model.reference() + ": " + listed(extra)));
            }
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

    private static String listed(Set<String> names) {
        int most = 10;
        String shown = String.join(", ", names.stream().limit(most).toList());
        return names.size() <= most ? shown : shown + " and " + (names.size() - most) + " more";
    }
}
