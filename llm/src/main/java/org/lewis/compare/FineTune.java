package org.lewis.compare;

import java.nio.file.Path;
import java.util.Optional;
import org.lewis.recipe.ModelReference;

/// A fine-tune to be compared and merged.
///
/// @param name        what tables call it
/// @param model       a folder or hub name, perhaps with an adapter
/// @param calibration text of its task, for methods that look at some; JSONL, lines, or token ids
/// @param template    how a row of JSONL becomes text
/// @param weight      of its task vector in merges, relative to the others'
public record FineTune(
        String name, ModelReference model, Optional<Path> calibration, Optional<String> template, double weight) {

    public FineTune {
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException(name + ": a weight must be a number, found " + weight);
        }
    }

    /// Without text, at weight 1.
    public static FineTune of(String name, ModelReference model) {
        return new FineTune(name, model, Optional.empty(), Optional.empty(), 1);
    }

    /// The same, called after the last part of its path, or of its adapter's.
    public static FineTune of(ModelReference model) {
        return of(nameOf(model), model);
    }

    static String nameOf(ModelReference model) {
        return new ModelReference(model.adapter().orElse(model.path()), Optional.empty(), Optional.empty()).shortName();
    }

    public FineTune calibratedWith(Path text) {
        return new FineTune(name, model, Optional.of(text), template, weight);
    }

    /// @param pattern how a row of JSONL becomes text
    public FineTune withTemplate(String pattern) {
        return new FineTune(name, model, calibration, Optional.of(pattern), weight);
    }

    public FineTune weighing(double number) {
        return new FineTune(name, model, calibration, template, number);
    }
}
