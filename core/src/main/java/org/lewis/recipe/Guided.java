package org.lewis.recipe;

import java.nio.file.Path;
import java.util.Map;
import org.lewis.merge.Guides;

/// What calibration found out for a recipe, beside densities.
///
/// @param byTensor by the name of the output's tensor
/// @param overlays for a model, a safetensors file with tensors that take the place of its own: `NAME.task_vector` is
///                 added to the base's tensor NAME, anything else is a tensor as it is
public record Guided(Map<String, Guides> byTensor, Map<ModelReference, Path> overlays) {

    static final Guided NONE = new Guided(Map.of(), Map.of());

    /// What a name in an overlay ends with when the tensor is to be added to the base's.
    public static final String TASK_VECTOR = ".task_vector";

    public Guided {
        byTensor = Map.copyOf(byTensor);
        overlays = Map.copyOf(overlays);
    }

    public Guides of(String tensor) {
        return byTensor.getOrDefault(tensor, Guides.NONE);
    }
}
