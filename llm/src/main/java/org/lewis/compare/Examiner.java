package org.lewis.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.evaluate.Evaluation;
import org.lewis.evaluate.EvaluationOptions;
import org.lewis.evaluate.Sandbox;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.Subject;
import org.lewis.evaluate.Task;
import org.lewis.evaluate.TaskResult;
import org.lewis.forward.Precision;
import org.lewis.guidance.LewisRun;

/// Puts the same texts and tasks to one model after the other.
final class Examiner {

    private final LewisRun run;
    private final Optional<Sandbox> sandbox;
    private final Evaluation evaluation;
    private final Set<String> texts;

    /// Reads all data, and finds what is wrong with them before any model runs.
    Examiner(ComparisonOptions options, LewisRun run, Optional<Sandbox> sandbox) throws IOException {
        this.run = run;
        this.sandbox = sandbox;
        List<Task> all = Stream.concat(predictions(options).stream(), options.tasks().stream())
                .toList();
        this.texts = new HashSet<>(options.texts().stream().map(TestText::name).toList());
        this.evaluation = Evaluation.prepare(all, EvaluationOptions.STANDARD.withLimit(options.limit()));
    }

    /// The texts as tasks.
    static List<Task> predictions(ComparisonOptions options) {
        return options.texts().stream()
                .map(text -> Task.prediction(
                        text.name(),
                        text.file(),
                        text.template(),
                        options.settings().length()))
                .toList();
    }

    List<ScoredRow.Scores> examine(ReadableModel model, Evaluation.Listener listener) throws IOException {
        List<ScoredRow.Scores> scores = new ArrayList<>();
        Precision precision = run.precision().orElseGet(() -> Precision.of(model));
        try (Subject subject = Subject.open(model, precision, run.resources(), false)) {
            for (TaskResult result : evaluation.run(subject, sandbox, listener)) {
                boolean isText = texts.contains(result.task());
                scores.add(new ScoredRow.Scores(
                        result.task(), isText, isText ? perplexityAndLoss(result) : result.scores()));
            }
        }
        return scores;
    }

    /// The loss is the mean negative log-probability of a token, the logarithm of the perplexity.
    private static List<Score> perplexityAndLoss(TaskResult result) {
        Score perplexity = result.score(ScoredRow.PERPLEXITY).orElseThrow();
        return List.of(
                perplexity,
                new Score(
                        ScoredRow.LOSS,
                        Math.log(perplexity.value()),
                        perplexity.standardError() / perplexity.value(),
                        perplexity.count()));
    }
}
