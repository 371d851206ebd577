package org.lewis.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Layout;
import org.lewis.merge.Guides;
import org.lewis.merge.Method;
import org.lewis.merge.Methods;
import org.lewis.merge.Semantics;
import org.lewis.merge.Settings;
import org.lewis.tensor.Dtype;

/// Jobs for tensors that come from one model as they are.
final class Untouched {

    private static final Method PASSTHROUGH = Methods.named("passthrough").orElseThrow();

    private Untouched() {}

    /// @param dtype to be rounded to; empty for the tensor's own
    static TensorJob job(Ingredient.Part part, String output, Optional<Dtype> dtype, Sources sources)
            throws CheckpointException {
        Layout.Slot slot = part.slot();
        if (!slot.dtype().isMergeable()) {
            return copied(part, output, sources);
        }
        Settings settings = new Settings(
                output, Semantics.MERGEKIT, 0, Map.of(), List.of(Map.of("scale", 1.0)), List.of(0L), Guides.NONE);
        return new TensorJob.Merged(
                new Layout.Slot(output, dtype.orElse(slot.dtype()), slot.shape()),
                PASSTHROUGH,
                Optional.empty(),
                List.of(part.input()),
                settings);
    }

    /// For a dtype that nothing can be computed with.
    static TensorJob copied(Ingredient.Part part, String output, Sources sources) throws CheckpointException {
        return switch (part.input()) {
            case TensorJob.Source source ->
                new TensorJob.Copied(
                        new Layout.Slot(output, part.slot().dtype(), part.slot().shape()), source);
            case TensorJob.Stage stage -> stage.job().named(output);
            case TensorJob.Rows rows ->
                throw new CheckpointException(sources.owner(rows) + ": "
                        + part.slot().name() + " is of dtype " + part.slot().dtype()
                        + ", whose rows cannot follow another vocabulary");
        };
    }
}
