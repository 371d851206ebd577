package org.lewis.plan;

import java.util.List;
import java.util.Optional;
import org.lewis.tensor.Dtype;

/// Where a merged model's config and tokenizer come from, and what of the config changes.
///
/// @param model  number of the model whose files they are
/// @param layers for each layer of the merged model, the donor's layer that its entries in the config come from; empty
///               when all are where they were
/// @param dtype  what `config.json` has to say; empty when every tensor keeps its dtype
public record Donor(int model, List<Integer> layers, Optional<Dtype> dtype) {

    public Donor {
        layers = List.copyOf(layers);
    }

    /// The donor of what is merged from this one's model.
    ///
    /// @param origins for each layer of the result, the layer here; empty when all are where they were
    Donor passedOn(List<Integer> origins, Optional<Dtype> newDtype) {
        List<Integer> composed = origins.isEmpty()
                ? layers
                : layers.isEmpty()
                        ? origins
                        : origins.stream()
                                .map(layer -> layers.get(Math.min(layer, layers.size() - 1)))
                                .toList();
        return new Donor(model, composed, newDtype.or(() -> dtype));
    }
}
