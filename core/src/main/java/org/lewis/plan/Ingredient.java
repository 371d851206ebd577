package org.lewis.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.lewis.checkpoint.Layout;
import org.lewis.model.NameMatch;
import org.lewis.recipe.ModelReference;
import org.lewis.tensor.ReadableTensor;

/// A model to be merged, as the planner sees it: opened, or the planned result of an earlier stage.
///
/// @param tensors by name
/// @param donor   what its config and tokenizer come from
record Ingredient(ModelReference reference, Map<String, Part> tensors, Donor donor) {

    /// A tensor, and what a job reads to get it.
    record Part(Layout.Slot slot, TensorJob.Input input) {}

    static Ingredient opened(Sources sources, int model) {
        Map<String, Part> parts = new TreeMap<>();
        for (Map.Entry<String, ReadableTensor> entry : sources.tensors(model).entrySet()) {
            ReadableTensor tensor = entry.getValue();
            parts.put(
                    entry.getKey(),
                    new Part(
                            new Layout.Slot(entry.getKey(), tensor.dtype(), tensor.shape()),
                            new TensorJob.Source(model, entry.getKey())));
        }
        return new Ingredient(
                sources.reference(model), parts, new Donor(model, Map.of(), Optional.empty(), Donor.Tokens.of(model)));
    }

    static Ingredient planned(ModelReference reference, List<TensorJob> jobs, Donor donor) {
        Map<String, Part> parts = new TreeMap<>();
        for (TensorJob job : jobs) {
            TensorJob.Input input = switch (job) {
                case TensorJob.Copied copied -> copied.source();
                case TensorJob.Merged merged -> new TensorJob.Stage(reference.path(), merged);
            };
            parts.put(job.slot().name(), new Part(job.slot(), input));
        }
        return new Ingredient(reference, parts, donor);
    }

    /// The same with the names of another, where its own differ by a prefix.
    Ingredient namedLike(Ingredient other, List<String> notes) {
        Set<String> wanted = other.tensors().keySet();
        NameMatch match = NameMatch.between(tensors.keySet(), wanted);
        if (match.equals(NameMatch.EQUAL)) {
            return this;
        }
        notes.add(reference + ": " + match.inWords() + ", as in " + other.reference());
        Map<String, Part> renamed = new TreeMap<>();
        tensors.forEach((name, part) -> renamed.put(match.of(name, wanted), part));
        return with(renamed);
    }

    Ingredient with(Map<String, Part> others) {
        return new Ingredient(reference, others, donor);
    }
}
