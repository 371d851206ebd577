package org.lewis.evaluate;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How one model did at one task.
///
/// @param samples    every sample in the order of the data: what was asked, what came, and what became of it
/// @param note       what a model could not read whole, as a sentence without its name
public record TaskResult(
        String task,
        List<Score> scores,
        List<Map<String, Object>> samples,
        Optional<String> note,
        Throughput throughput) {

    /// @param metric such as `strict_match`
    public Optional<Score> score(String metric) {
        return scores.stream().filter(score -> score.metric().equals(metric)).findFirst();
    }
}
