package org.lewis.compare;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.lewis.evaluate.Score;
import org.lewis.guidance.LayerGuidance;

/// A line of the table: a model and how it did, or why it did not.
///
/// @param name    of the parent or method
/// @param kind    base, fine-tune or merge
/// @param key     of everything that decides the numbers
/// @param kept    share of the fine-tunes' linear layers that survives the trim; NaN for a parent
/// @param scores  of each text and task
/// @param layers  what LEWIS found out about each merged model, by its name; empty where it was not asked
/// @param seconds what it took
/// @param failure why there are no scores
/// @param reused  whether an earlier comparison found the numbers
public record ScoredRow(
        String name,
        Kind kind,
        String key,
        double kept,
        List<Scores> scores,
        Map<String, LayerGuidance> layers,
        Seconds seconds,
        Optional<String> failure,
        boolean reused) {

    /// What a row is about.
    public enum Kind {
        BASE,
        FINE_TUNE,
        MERGE
    }

    /// The scores of a text or a task.
    ///
    /// @param isText whether they say how well the text was predicted
    public record Scores(String name, boolean isText, List<Score> scores) {
        public Scores {
            scores = List.copyOf(scores);
        }
    }

    /// @param calibration of statistics, without those that were there already
    /// @param merge       of computing or writing the merged weights
    public record Seconds(double calibration, double merge, double evaluation) {}

    public static final String PERPLEXITY = "perplexity";
    public static final String LOSS = "loss";

    public ScoredRow {
        scores = List.copyOf(scores);
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    ScoredRow asReused() {
        return new ScoredRow(name, kind, key, kept, scores, layers, seconds, failure, true);
    }

    /// The mean perplexity over all texts; NaN without any.
    public double meanPerplexity() {
        return scores.stream()
                .filter(Scores::isText)
                .flatMap(text -> find(text, PERPLEXITY))
                .mapToDouble(Score::value)
                .average()
                .orElse(Double.NaN);
    }

    /// The first score of a text or task.
    Optional<Score> first(String textOrTask) {
        return scores.stream()
                .filter(each -> each.name().equals(textOrTask))
                .flatMap(each -> each.scores().stream())
                .findFirst();
    }

    private static Stream<Score> find(Scores scores, String metric) {
        return scores.scores().stream().filter(score -> score.metric().equals(metric));
    }
}
