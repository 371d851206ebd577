package org.lewis.merge;

import java.util.List;

/// A way to merge several tensors of one name into one. Knows nothing of files, recipes or threads.
public interface Method {

    Description description();

    /// Whether `semantics: paper` has a meaning of its own.
    default boolean hasPaperSemantics() {
        return false;
    }

    /// Whether calibration may decide which entries of a task vector stay, see [Guides#scales].
    default boolean takesScales() {
        return false;
    }

    /// Refuses parameters that are all allowed but cannot go together.
    ///
    /// @throws IllegalArgumentException when they cannot
    default void check(Settings settings) {}

    /// Whether the method, by that definition, must know whole models before it merges their first tensor.
    default boolean needsWholeModels(Semantics semantics) {
        return false;
    }

    /// Refuses parameters that are right for each tensor but cannot go together.
    ///
    /// @param all of every tensor, for a method that needs whole models
    /// @throws IllegalArgumentException when they cannot
    default void checkTogether(List<Settings> all) {}

    /// The same method, with what it has to know of whole models where it needs them.
    default Method knowing(WholeModels models) {
        return this;
    }

    /// The first step: looks at whole tensors as often as it must, and returns the second.
    Blend prepare(Inputs inputs, Settings settings, Crew crew);

    default String name() {
        return description().name();
    }

    default Demands demands() {
        return description().demands();
    }

    default List<Parameter> parameters() {
        return description().parameters();
    }
}
