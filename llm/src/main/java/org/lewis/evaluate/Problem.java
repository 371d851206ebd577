package org.lewis.evaluate;

import java.util.List;

/// A row of a task as what is asked and what is expected.
sealed interface Problem {

    /// To be continued.
    ///
    /// @param prompt with solved problems before it
    /// @param target empty when there is none
    /// @param before what of the program stands before the answer
    /// @param after  what stands after it: the tests
    record Question(String prompt, String target, String before, String after) implements Problem {}

    /// To be decided.
    ///
    /// @param choices with the delimiter before each
    /// @param answer  index of the right one
    record Decision(String prompt, List<String> choices, int answer) implements Problem {}

    /// To be predicted.
    record Passage(String text) implements Problem {}
}
