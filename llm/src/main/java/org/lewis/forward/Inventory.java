package org.lewis.forward;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.Node;
import org.lewis.model.Decoder;
import org.lewis.model.Families;
import org.lewis.model.Slot;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;

/// Holds a model's description against its weights: every tensor demanded must be there in its shape, and nothing else.
final class Inventory {

    private Inventory() {}

    /// @throws CheckpointException listing every tensor that is missing, unexpected, or of another shape or dtype
    static void check(ReadableModel model, Decoder decoder) throws IOException {
        List<String> problems = new ArrayList<>();
        Set<String> unexpected = new TreeSet<>(model.tensors().keySet());
        unexpected.removeIf(Slot::isBuffer);
        unexpected.removeAll(unread(decoder));
        Node config = model.config();
        unexpected.removeIf(name -> !Families.describes(config, model.tensors().keySet(), name));
        for (Slot slot : decoder.slots()) {
            unexpected.remove(slot.tensor());
            ReadableTensor tensor = model.tensors().get(slot.tensor());
            if (tensor == null) {
                problems.add(slot.tensor() + " is missing");
            } else if (!tensor.shape().equals(shape(slot))) {
                problems.add(slot.tensor() + " is " + tensor.shape() + " but config.json makes it " + slot.shape());
            } else if (!tensor.dtype().isMergeable()) {
                problems.add(slot.tensor() + " is stored as " + tensor.dtype() + ", which cannot be computed with");
            }
        }
        unexpected.forEach(name -> problems.add(name + " is not part of the model that config.json describes"));
        if (!problems.isEmpty()) {
            throw new CheckpointException(
                    model.name() + ": weights and config.json do not fit:\n  " + String.join("\n  ", problems));
        }
    }

    private static Set<String> unread(Decoder decoder) {
        Set<String> names = new HashSet<>();
        if (decoder.head() instanceof Decoder.Head.Tied tied) {
            names.add(tied.copy());
        }
        return names;
    }

    private static Shape shape(Slot slot) {
        return new Shape(slot.shape().stream().map(Integer::longValue).toList());
    }
}
