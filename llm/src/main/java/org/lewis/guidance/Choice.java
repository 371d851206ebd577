package org.lewis.guidance;

import java.io.IOException;
import java.util.Map;
import org.lewis.merge.Guides;
import org.lewis.model.Decoder;

/// What a Hessian decides about the task vector of one linear layer.
interface Choice {

    /// Decides which weights of a model's task vector stay.
    ///
    /// @param inverse of the layer's inputs on that model's text
    void choose(int model, Decoder.Linear linear, InverseHessian inverse) throws IOException;

    /// Merges the layer when it has been decided for all models.
    void merge(Decoder.Linear linear, MergingModel source) throws IOException;

    /// What the recipe is to be guided by, by the weight's name.
    Map<String, Guides> guides();
}
