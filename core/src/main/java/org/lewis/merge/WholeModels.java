package org.lewis.merge;

import java.util.List;

/// All tensors of a merge, for methods that must know whole models before they merge the first.
public interface WholeModels {

    /// Shows every tensor to a visitor, several of them at once.
    ///
    /// @return what the visitor made of each, in the order of their names
    <T> List<T> each(Visitor<T> visitor);

    /// Looks at the tensors of one name.
    interface Visitor<T> {
        T visit(Inputs inputs, Settings settings, Crew crew);
    }

    /// Models that are no more than one tensor.
    static WholeModels of(Inputs inputs, Settings settings, Crew crew) {
        return new WholeModels() {
            @Override
            public <T> List<T> each(Visitor<T> visitor) {
                return List.of(visitor.visit(inputs, settings, crew));
            }
        };
    }

    /// @throws IllegalStateException for a method that needs whole models and was not given any
    static void requireKnown(boolean known, Settings settings) {
        if (!known) {
            throw new IllegalStateException(settings.tensor() + ": the whole models are not known");
        }
    }
}
