package org.lewis.forward;

import java.util.List;

/// Ends texts that say enough.
@FunctionalInterface
public interface StopCondition {

    StopCondition NONE = (_, _) -> false;

    /// Asked after each new token.
    ///
    /// @param prompt which of the prompts the text continues
    /// @param tokens the new ones so far
    boolean isComplete(int prompt, List<Integer> tokens);
}
