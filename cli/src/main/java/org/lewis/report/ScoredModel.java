package org.lewis.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lewis.evaluate.Score;

/// A model and its scores: a row of a comparison.
///
/// @param name   of the model or of what was merged
/// @param facts  what else tells it apart, such as method and bounds; as many for each model that is compared
/// @param kept   share of the task vectors that the merge kept; NaN for a parent
/// @param scores of each task; the same ones in the same order for each model that is compared
/// @param mergeSeconds NaN for a parent
/// @param scoreSeconds what all scores together took
public record ScoredModel(
        String name,
        List<String> facts,
        double kept,
        List<TaskScore> scores,
        double mergeSeconds,
        double scoreSeconds) {

    /// One metric of one task.
    ///
    /// @param task   empty for a score over all tasks
    /// @param metric as a column is headed below the task's name: `strict`
    public record TaskScore(String task, String metric, Score score) {

        /// As a column is headed beside those of other tasks: `math strict`.
        String title() {
            return (task + " " + metric).strip();
        }
    }

    public ScoredModel {
        facts = List.copyOf(facts);
        scores = List.copyOf(scores);
    }

    /// What tells it apart, line by line, as a chart has room for.
    String label() {
        String told = facts.stream()
                .filter(fact -> !fact.isBlank() && !fact.equals("-"))
                .collect(Collectors.joining("\n"));
        String label = told.isEmpty() ? name : told;
        return Double.isNaN(kept) ? label : String.format(Locale.ROOT, "%s\n%.2f kept", label, kept);
    }
}
