package org.lewis.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.lewis.document.Nearest;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.Task;

/// What makes one merged model better than another: `perplexity`, which is the mean over all texts; or the name of a
/// text or task, whose first score counts.
public record Criterion(String name) {

    /// @throws IllegalArgumentException when no text or task has the name
    public static Criterion of(ComparisonOptions options) {
        List<String> known = new ArrayList<>();
        if (!options.texts().isEmpty()) {
            known.add(ScoredRow.PERPLEXITY);
        }
        options.texts().forEach(text -> known.add(text.name()));
        options.tasks().stream().map(Task::name).forEach(known::add);
        String asked = options.bestBy().orElse(known.getFirst());
        if (!known.contains(asked)) {
            throw new IllegalArgumentException(
                    "there is no \"" + asked + "\" to find the best model by" + Nearest.suggestion(asked, known));
        }
        return new Criterion(asked);
    }

    /// The best merged model; the first of several that are equal.
    public Optional<ScoredRow> best(List<ScoredRow> rows) {
        return rows.stream()
                .filter(row -> row.kind() == ScoredRow.Kind.MERGE && Double.isFinite(goodness(row)))
                .max(Comparator.comparingDouble(this::goodness).thenComparing(row -> -rows.indexOf(row)));
    }

    /// The larger the better; NaN when there is none.
    private double goodness(ScoredRow row) {
        if (row.failure().isPresent()) {
            return Double.NaN;
        }
        if (name.equals(ScoredRow.PERPLEXITY)) {
            return -row.meanPerplexity();
        }
        Optional<Score> score = row.first(name);
        return score.map(found -> isError(found) ? -found.value() : found.value())
                .orElse(Double.NaN);
    }

    private static boolean isError(Score score) {
        return score.metric().endsWith(ScoredRow.PERPLEXITY) || score.metric().equals(ScoredRow.LOSS);
    }
}
