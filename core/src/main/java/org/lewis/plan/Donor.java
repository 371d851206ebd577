package org.lewis.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.lewis.tensor.Dtype;
import org.lewis.vocabulary.Vocabulary;

/// Where a merged model's config and tokenizer come from, and what of them changes.
///
/// @param model  number of the model whose config it is
/// @param layers by module, for each layer of the merged model the donor's layer that its entries in the config come
///               from; no entry for a module whose layers are where they were
/// @param dtype  what `config.json` has to say; empty when every tensor keeps its dtype
public record Donor(int model, Map<String, List<Integer>> layers, Optional<Dtype> dtype, Tokens tokens) {

    /// What the merged model makes of text.
    ///
    /// @param model    number of the model whose tokenizer it is
    /// @param changed  its vocabulary, where it is not that model's own
    /// @param rows     of the tables, where it is not certain that they are as many as before
    /// @param template a chat template in place of that model's own
    public record Tokens(int model, Optional<Vocabulary> changed, Optional<Integer> rows, Optional<String> template) {

        static Tokens of(int model) {
            return new Tokens(model, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    public Donor {
        layers = Map.copyOf(layers);
    }

    /// The donor of what is merged from this one's model.
    ///
    /// @param origins by module, for each layer of the result the layer here
    Donor passedOn(Map<String, List<Integer>> origins, Optional<Dtype> newDtype, Tokens newTokens) {
        Map<String, List<Integer>> composed = new TreeMap<>(layers);
        origins.forEach((module, numbers) -> {
            List<Integer> own = layers.get(module);
            composed.put(
                    module,
                    own == null
                            ? numbers
                            : numbers.stream()
                                    .map(layer -> own.get(Math.min(layer, own.size() - 1)))
                                    .toList());
        });
        return new Donor(model, composed, newDtype.or(() -> dtype), newTokens);
    }
}
