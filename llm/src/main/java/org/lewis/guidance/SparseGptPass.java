package org.lewis.guidance;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.GramMatrix;
import org.lewis.calibrate.GramPass;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.model.Decoder;

/// Makes inverse Hessians of Gram matrices, one group of linear layers after the other, and lets a [Choice] decide.
///
/// @param texts      one for each model that is decided about
/// @param firstModel number of the first of them
/// @param merging    gets each layer's merge when it is decided for all models; none when nothing depends on it
/// @param notes      hears what the user should know about a model
record SparseGptPass(
        List<CalibrationText> texts,
        int firstModel,
        double damping,
        Choice choice,
        Optional<MergingModel> merging,
        BiConsumer<Integer, String> notes)
        implements GramPass.Listener {

    @Override
    public void enter(int block) {
        merging.ifPresent(MergingModel::enter);
    }

    @Override
    public void gram(int text, List<Decoder.Linear> group, GramMatrix gram) throws IOException {
        int model = firstModel + text;
        Decoder.Linear first = group.getFirst();
        if (gram.tokens() < first.in()) {
            notes.accept(
                    model,
                    String.format(
                            Locale.ROOT,
                            "%d tokens reach the %d inputs of %s: a Hessian of so few is mostly damping; more samples,"
                                    + " or longer ones, tell more",
                            gram.tokens(),
                            first.in(),
                            first.name()));
        }
        InverseHessian inverse;
        try {
            inverse = InverseHessian.of(
                    gram.matrix().cpu(),
                    texts.get(text).sequences().size(),
                    damping,
                    note -> notes.accept(model, first.name() + ": " + note));
        } catch (CheckpointException e) {
            throw new CheckpointException(first.weight() + ": " + e.getMessage());
        }
        for (Decoder.Linear linear : group) {
            choice.choose(model, linear, inverse);
        }
        if (merging.isPresent() && text == texts.size() - 1) {
            for (Decoder.Linear linear : group) {
                choice.merge(linear, merging.get());
            }
        }
    }
}
