package org.lewis.plan;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.document.Node;
import org.lewis.model.TensorNames;

/// Evens out models that share the output head with the embedding table: some files store the shared tensor twice.
final class TiedHead {

    private static final List<String> HEADS = List.of("lm_head.weight", "embed_out.weight");

    private TiedHead() {}

    /// The model with a head where the first one has one, and without where that has none, provided that this model
    /// ties it.
    ///
    /// @param donor the folder of the model's config
    static Ingredient completed(Ingredient model, Ingredient firstModel, Checkpoint donor) throws IOException {
        Map<String, Ingredient.Part> own = model.tensors();
        Map<String, Ingredient.Part> first = firstModel.tensors();
        Optional<String> wanted = HEADS.stream().filter(first::containsKey).findFirst();
        Optional<String> held = HEADS.stream().filter(own::containsKey).findFirst();
        if (wanted.equals(held)) {
            return model;
        }
        Map<String, Ingredient.Part> completed = new TreeMap<>(own);
        Optional<Ingredient.Part> table = own.values().stream()
                .filter(part -> TensorNames.isTokenTable(part.slot().name()))
                .findFirst();
        if (wanted.isPresent() && held.isEmpty() && table.isPresent()) {
            completed.put(wanted.get(), table.get());
        } else if (wanted.isEmpty() && isTied(donor)) {
            completed.remove(held.orElseThrow());
        }
        return model.with(completed);
    }

    private static boolean isTied(Checkpoint checkpoint) throws IOException {
        return checkpoint
                .config()
                .find("tie_word_embeddings")
                .filter(Node::isFlag)
                .map(Node::flag)
                .orElse(false);
    }
}
