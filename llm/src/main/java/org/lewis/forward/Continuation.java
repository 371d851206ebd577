package org.lewis.forward;

import java.util.List;

/// Prompts that are to be continued as one batch, of which each is independent but for rounding.
///
/// @param prompts   token ids, of any lengths
/// @param condition by the prompts' indices
public record Continuation(List<int[]> prompts, GenerationLimits limits, Sampling sampling, StopCondition condition) {

    public Continuation {
        prompts = List.copyOf(prompts);
    }
}
