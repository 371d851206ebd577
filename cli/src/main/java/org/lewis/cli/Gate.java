package org.lewis.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.TaskResult;
import picocli.CommandLine.Option;

/// What scores must reach for the command to succeed.
final class Gate {

    private static final Pattern LIMIT = Pattern.compile("([\\w-]+)\\.([\\w@-]+)=(\\d*\\.?\\d+(?:[eE][+-]?\\d+)?)");

    @Option(
            names = "--fail-below",
            paramLabel = "TASK.METRIC=VALUE",
            description =
                    "Exit with 1 when a model is worse than this, such as gsm8k.strict=0.4 (a perplexity: above it);"
                            + " may be repeated.")
    private List<String> limits = List.of();

    @Option(
            names = "--no-worse-than",
            paramLabel = "PARENT",
            description = "Evaluate this model too, and exit with 1 when another is worse than it on any task.")
    private Optional<String> parent = Optional.empty();

    @Option(
            names = "--by",
            paramLabel = "AMOUNT",
            description =
                    "How much worse than PARENT a model may be; for perplexities, as a share of its (default: 0).")
    private double margin;

    /// One demand of `--fail-below`.
    private record Limit(String task, String metric, double value) {}

    Optional<String> parent() {
        return parent;
    }

    /// Refuses demands that no result can meet, before models run.
    void check(List<String> tasks, Subcommand command) {
        limits(command).stream().filter(limit -> !tasks.contains(limit.task())).forEach(limit -> {
            throw command.usage(
                    "--fail-below: no task is called " + limit.task() + ", only " + String.join(", ", tasks));
        });
        if (!(margin >= 0)) {
            throw command.usage("--by must not be negative, found " + margin);
        }
        if (margin > 0 && parent.isEmpty()) {
            throw command.usage("--by says how much worse than a parent a model may be, which --no-worse-than names");
        }
    }

    /// @throws CommandException when a model falls short, with a sentence for each score
    void require(Map<String, List<TaskResult>> results, Subcommand command) throws CommandException {
        List<String> failures = new ArrayList<>();
        results.forEach((model, ofModel) -> {
            for (Limit limit : limits(command)) {
                Score score = find(ofModel, limit, command);
                if (isWorse(score, limit.value(), 0)) {
                    failures.add(sentence(model, limit.task(), score, limit.value(), "that --fail-below asks for"));
                }
            }
            parent.filter(name -> !name.equals(model))
                    .ifPresent(name -> failures.addAll(worse(model, ofModel, results.get(name))));
        });
        if (!failures.isEmpty()) {
            throw new CommandException(String.join("\n", failures));
        }
    }

    private List<String> worse(String model, List<TaskResult> ofModel, List<TaskResult> ofParent) {
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < ofModel.size(); i++) {
            for (Score score : ofModel.get(i).scores()) {
                Score parents = ofParent.get(i).score(score.metric()).orElseThrow();
                if (isWorse(score, parents.value(), margin)) {
                    String task = ofModel.get(i).task();
                    String whose =
                            "of " + parent.orElseThrow() + (margin > 0 ? ", and more than " + margin + " worse" : "");
                    failures.add(sentence(model, task, score, parents.value(), whose));
                }
            }
        }
        return failures;
    }

    private static boolean isWorse(Score score, double value, double margin) {
        return score.higherIsBetter() ? !(score.value() >= value - margin) : !(score.value() <= value * (1 + margin));
    }

    private static String sentence(String model, String task, Score score, double limit, String whose) {
        return String.format(
                Locale.ROOT,
                "%s: %s %s is %.4f, %s the %.4f %s",
                model,
                task,
                score.metric(),
                score.value(),
                score.higherIsBetter() ? "below" : "above",
                limit,
                whose);
    }

    /// The score of that metric, whose name may be cut short.
    private static Score find(List<TaskResult> results, Limit limit, Subcommand command) {
        List<Score> scores = results.stream()
                .filter(result -> result.task().equals(limit.task()))
                .findFirst()
                .orElseThrow()
                .scores();
        List<Score> found = scores.stream()
                .filter(score -> score.metric().equals(limit.metric()))
                .toList();
        if (found.isEmpty()) {
            found = scores.stream()
                    .filter(score -> score.metric().startsWith(limit.metric()))
                    .toList();
        }
        if (found.size() != 1) {
            throw command.usage("--fail-below: the task " + limit.task() + " has no one metric " + limit.metric()
                    + "; its metrics are "
                    + scores.stream().map(Score::metric).collect(Collectors.joining(", ")));
        }
        return found.getFirst();
    }

    private List<Limit> limits(Subcommand command) {
        return limits.stream()
                .map(text -> {
                    Matcher matcher = LIMIT.matcher(text);
                    if (!matcher.matches()) {
                        throw command.usage(
                                "--fail-below: expected TASK.METRIC=VALUE, such as gsm8k.strict=0.4, found " + text);
                    }
                    return new Limit(matcher.group(1), matcher.group(2), Double.parseDouble(matcher.group(3)));
                })
                .toList();
    }
}
