package org.lewis.plan;

import java.util.List;
import java.util.Optional;
import org.lewis.checkpoint.Layout;
import org.lewis.merge.Guides;
import org.lewis.merge.Method;
import org.lewis.merge.Settings;
import org.lewis.vocabulary.RowOrigins;

/// How one tensor of the output is made, down to the tensors of models that are read. Models are numbers of [Sources].
public sealed interface TensorJob {

    /// The tensor to be made.
    Layout.Slot slot();

    /// What a job reads.
    sealed interface Input {}

    /// A tensor of a model.
    record Source(int model, String tensor) implements Input {}

    /// What another job makes, on the way: a tensor of an earlier stage of the recipe.
    ///
    /// @param name of the stage
    record Stage(String name, Merged job) implements Input {}

    /// A table of tokens in a new vocabulary.
    ///
    /// @param model   whose table it is: the number in `tables`, and in the origins of its rows
    /// @param tables  the tables of all models in their own vocabularies
    /// @param origins of each row
    record Rows(Layout.Slot slot, int model, List<Input> tables, RowOrigins origins) implements Input {}

    /// @param base empty when the method takes none
    record Merged(Layout.Slot slot, Method method, Optional<Input> base, List<Input> models, Settings settings)
            implements TensorJob {

        /// Whether the method must know whole models before it merges their first tensor.
        public boolean needsWholeModels() {
            return method.needsWholeModels(settings.semantics());
        }

        /// The same with what calibration has to say.
        public Merged guidedBy(Guides guides) {
            return new Merged(slot, method, base, models, settings.guidedBy(guides));
        }

        Merged named(String name) {
            return new Merged(new Layout.Slot(name, slot.dtype(), slot.shape()), method, base, models, settings);
        }
    }

    /// Those whose method must know whole models.
    static List<Merged> knowingWholeModels(List<TensorJob> jobs) {
        return jobs.stream()
                .filter(Merged.class::isInstance)
                .map(Merged.class::cast)
                .filter(Merged::needsWholeModels)
                .toList();
    }

    /// Taken over as it is, since nothing can be computed with its dtype.
    record Copied(Layout.Slot slot, Source source) implements TensorJob {}
}
