package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Nearest;
import org.lewis.evaluate.EvaluationOptions;
import org.lewis.evaluate.Task;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// Which tasks, and how they run.
final class TaskOptions {

    @Option(
            names = "--task",
            paramLabel = "NAME|FILE",
            required = true,
            description = "A task file, or the name of a bundled task; may be repeated.")
    private List<String> names;

    @Option(
            names = "--data",
            paramLabel = "TASK=PATH",
            description = "Take a task's data from this file or folder instead; may be repeated.")
    private Map<String, String> data = Map.of();

    @Option(names = "--limit", paramLabel = "N", description = "Take the first N rows of each task.")
    private int limit = Integer.MAX_VALUE;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of sampled answers (default: 0).")
    private long seed;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Continue at most so many prompts together (default: ${DEFAULT-VALUE}).")
    private int batch = EvaluationOptions.STANDARD.batch();

    @Option(names = "--samples", paramLabel = "N", description = "Answers to each problem, instead of the task's.")
    private Optional<Integer> samples = Optional.empty();

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Of sampled answers, instead of the task's; 0 takes the likeliest token.")
    private Optional<Double> temperature = Optional.empty();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Share of the probability that tokens are drawn from, instead of the task's.")
    private Optional<Double> topP = Optional.empty();

    EvaluationOptions options(Subcommand command) {
        for (Map.Entry<String, Integer> least :
                Map.of("--limit", limit, "--batch-size", batch).entrySet()) {
            if (least.getValue() < 1) {
                throw command.usage(least.getKey() + " must be at least 1, found " + least.getValue());
            }
        }
        return new EvaluationOptions(limit, seed, batch);
    }

    List<Task> read(Subcommand command) throws IOException {
        Map<String, Task> byName = new LinkedHashMap<>();
        for (Task task : read(names, command)) {
            byName.put(task.name(), changed(task, command));
        }
        for (String name : data.keySet()) {
            if (!byName.containsKey(name)) {
                throw command.usage("--data: no task is called " + name + Nearest.suggestion(name, byName.keySet()));
            }
        }
        return List.copyOf(byName.values());
    }

    /// Tasks as they stand in their files.
    static List<Task> read(List<String> names, Subcommand command) throws IOException {
        Map<String, Task> byName = new LinkedHashMap<>();
        for (String name : names) {
            Task task = Task.read(file(name, command));
            if (byName.putIfAbsent(task.name(), task) != null) {
                throw command.usage("two tasks are called " + task.name() + "; rename one of the files");
            }
        }
        return List.copyOf(byName.values());
    }

    private Task changed(Task read, Subcommand command) {
        Task task = data.containsKey(read.name()) ? read.withData(data.get(read.name())) : read;
        try {
            return task.withDecoding(decoding -> new Task.Decoding(
                    decoding.maxNewTokens(),
                    decoding.stop(),
                    samples.orElse(decoding.samples()),
                    temperature.orElse(decoding.temperature()),
                    topP.orElse(decoding.topP())));
        } catch (IllegalArgumentException e) {
            throw command.usage("the task " + task.name() + ": " + e.getMessage());
        }
    }

    /// The file of a task: itself, or the bundled one of that name.
    static Path file(String name, Subcommand command) throws IOException {
        Path given = Path.of(name);
        if (Files.exists(given) || name.contains(".")) {
            return given;
        }
        Examples examples = Examples.installed();
        List<String> bundled = examples.tasks();
        return examples.task(name).orElseThrow(() -> unknown(name, bundled, command));
    }

    private static ParameterException unknown(String name, List<String> known, Subcommand command) {
        return command.usage("unknown task \"" + name + "\"" + Nearest.suggestion(name, known));
    }
}
