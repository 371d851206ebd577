package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.Json;
import org.lewis.document.Nearest;
import org.lewis.evaluate.Evaluation;
import org.lewis.evaluate.PythonSandbox;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.Task;
import org.lewis.evaluate.TaskResult;
import org.lewis.forward.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis evaluate MODEL... --task FILE`: scores, one row per model.
@Command(name = "evaluate", description = "Score models on tasks.")
final class EvaluateCommand extends Subcommand {

    @Parameters(paramLabel = "MODEL", arity = "1..*", description = "Models, each " + Models.HELP)
    private List<String> models;

    @Option(
            names = "--task",
            paramLabel = "NAME|FILE",
            required = true,
            description = "A task file, or the name of a bundled task; may be repeated.")
    private List<String> taskNames;

    @Option(names = "--limit", paramLabel = "N", description = "Take the first N rows of each task.")
    private int limit = Integer.MAX_VALUE;

    @Option(
            names = "--precision",
            paramLabel = "P",
            description = "What models compute in: float32 or bfloat16 (default: as they are stored).")
    private Precision precision;

    @Option(
            names = "--allow-code-execution",
            description = "Run Python that models generate, in a sandbox without files, network and processes.")
    private boolean allowCode;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Where results.json and every answer go.")
    private Path output;

    @Override
    void run(Console console) throws Exception {
        if (limit < 1) {
            throw usage("--limit must be at least 1, found " + limit);
        }
        List<Task> tasks = tasks();
        if (output != null) {
            Files.createDirectories(output);
        }
        Map<String, List<TaskResult>> results = new LinkedHashMap<>();
        boolean needsSandbox = tasks.stream().anyMatch(task -> task.scorer() == Task.Scorer.PYTHON);
        Optional<PythonSandbox> sandbox = needsSandbox ? Optional.of(PythonSandbox.open()) : Optional.empty();
        try {
            for (String model : models) {
                results.put(model, evaluate(model, tasks, sandbox, console));
            }
        } finally {
            if (sandbox.isPresent()) {
                sandbox.get().close();
            }
        }
        console.out().print(table(results));
        if (output != null) {
            write(results);
        }
    }

    private List<Task> tasks() throws IOException {
        Map<String, Task> byName = new LinkedHashMap<>();
        for (String name : taskNames) {
            Task task = Task.read(taskFile(name));
            if (byName.putIfAbsent(task.name(), task) != null) {
                throw usage("two tasks are called " + task.name() + "; rename one of the files");
            }
            if (task.scorer() == Task.Scorer.PYTHON && !allowCode) {
                throw usage("the task " + task.name() + " runs code that models generate, which has to be allowed:"
                        + " --allow-code-execution");
            }
        }
        return List.copyOf(byName.values());
    }

    private Path taskFile(String name) throws IOException {
        Path given = Path.of(name);
        if (Files.exists(given) || name.contains(".")) {
            return given;
        }
        Examples examples = Examples.installed();
        List<String> bundled = examples.tasks();
        return examples.task(name)
                .orElseThrow(() -> usage("unknown task \"" + name + "\"" + Nearest.suggestion(name, bundled)));
    }

    private List<TaskResult> evaluate(String model, List<Task> tasks, Optional<PythonSandbox> sandbox, Console console)
            throws Exception {
        List<TaskResult> results = new ArrayList<>();
        try (EvaluationProgress progress = new EvaluationProgress(console, model);
                ReadableModel weights = Models.locate(model).open();
                Evaluation evaluation =
                        Evaluation.open(weights, precision == null ? Precision.of(weights) : precision, progress)) {
            for (Task task : tasks) {
                results.add(evaluation.run(task, limit, sandbox));
            }
        }
        return results;
    }

    private static String table(Map<String, List<TaskResult>> results) {
        List<String> header = new ArrayList<>(List.of("model"));
        results.values()
                .iterator()
                .next()
                .forEach(result -> result.scores().forEach(score -> header.add(result.task() + " " + score.metric())));
        TextTable table = new TextTable(header);
        results.forEach((model, ofModel) -> {
            List<String> row = new ArrayList<>(List.of(model));
            ofModel.forEach(result -> result.scores().forEach(score -> row.add(TextTable.score(score))));
            table.add(row);
        });
        return table.toString();
    }

    private void write(Map<String, List<TaskResult>> results) throws Exception {
        Map<String, Object> document = new LinkedHashMap<>();
        results.forEach((model, ofModel) -> {
            Map<String, Object> tasks = new LinkedHashMap<>();
            ofModel.forEach(result -> tasks.put(result.task(), scores(result)));
            document.put(model, tasks);
        });
        Files.writeString(output.resolve("results.json"), Json.pretty(document));
        Map<String, Integer> seen = new HashMap<>();
        for (Map.Entry<String, List<TaskResult>> entry : results.entrySet()) {
            String model = Models.locate(entry.getKey()).shortName();
            int number = seen.merge(model, 1, Integer::sum);
            for (TaskResult result : entry.getValue()) {
                String name = model + (number == 1 ? "" : "-" + number) + "-" + result.task() + ".jsonl";
                Files.writeString(output.resolve(name), samples(result));
            }
        }
    }

    private static Map<String, Object> scores(TaskResult result) {
        Map<String, Object> scores = new LinkedHashMap<>();
        for (Score score : result.scores()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("value", score.value());
            entry.put("standard_error", score.standardError());
            entry.put("count", score.count());
            scores.put(score.metric(), entry);
        }
        return scores;
    }

    private static String samples(TaskResult result) {
        StringBuilder lines = new StringBuilder();
        for (TaskResult.Sample sample : result.samples()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("prompt", sample.prompt());
            row.put("generation", sample.generation());
            row.put("detail", sample.detail());
            row.put("correct", sample.correct());
            lines.append(Json.compact(row)).append('\n');
        }
        return lines.toString();
    }
}
