package org.lewis.evaluate;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How one model did at one task.
///
/// @param samples   every sample in the order of the data: what was asked, what came, and what became of it
/// @param truncated prompts that lost their beginning, because the model has not enough positions
public record TaskResult(
        String task, List<Score> scores, List<Map<String, Object>> samples, int truncated, Throughput throughput) {

    /// @param metric such as `strict_match`
    public Optional<Score> score(String metric) {
        return scores.stream().filter(score -> score.metric().equals(metric)).findFirst();
    }
}
