package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.Folders;
import org.lewis.document.Json;
import org.lewis.engine.Merge;
import org.lewis.evaluate.Evaluation;
import org.lewis.evaluate.EvaluationOptions;
import org.lewis.evaluate.PythonSandbox;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.Subject;
import org.lewis.evaluate.Task;
import org.lewis.evaluate.TaskResult;
import org.lewis.forward.Precision;
import org.lewis.guidance.LewisRun;

/// Merges and scores, one line of results each. A merged model is deleted once it is scored.
final class ExperimentRun implements AutoCloseable {

    static final String RESULTS = "results.jsonl";

    private static final List<String> TASKS = List.of("math", "code");

    private final Path examples;
    private final Path output;
    private final Path recipeFolder;
    private final ExperimentRecipes recipes;
    private final Path results;
    private final Set<String> linears;
    private final LewisRun guidance;
    private final Evaluation evaluation;
    private final PythonSandbox sandbox;
    private final Set<String> done = new HashSet<>();

    /// @param examples folder of the bundled models and data
    ExperimentRun(Path examples, Path output) throws IOException {
        this.examples = examples.toRealPath();
        this.output = output;
        recipeFolder = Files.createDirectories(output.resolve("recipes")).toRealPath();
        recipes = new ExperimentRecipes(recipeFolder.relativize(this.examples));
        results = output.resolve(RESULTS);
        linears = Trial.linears(model("base"));
        guidance = LewisRun.with(new PackCache(output.resolve("packs")), Optional.of(Precision.FLOAT32));
        if (Files.exists(results)) {
            for (String line : Files.readAllLines(results)) {
                done.add(Json.parse(results.toString(), line).get("id").text());
            }
        }
        List<Task> tasks = new ArrayList<>();
        for (String name : TASKS) {
            tasks.add(Task.read(this.examples.resolve("tasks").resolve(name + ".yaml")));
        }
        evaluation = Evaluation.prepare(tasks, EvaluationOptions.STANDARD);
        sandbox = PythonSandbox.open();
    }

    void parent(String name) throws IOException {
        String id = "parents-" + name;
        if (!done.contains(id)) {
            Map<String, Object> row = row(id, "parents", name, "", Double.NaN);
            score(row, model(name));
        }
    }

    /// Runs an arm and, when it is guided, the uniform merge that keeps as much.
    ///
    /// @param uniform density of an arm without guidance
    void arm(Experiments.Arm arm, double uniform) throws IOException {
        String name = arm.part() + " " + arm.name() + " " + arm.rule() + " " + arm.seed();
        if (arm.rule().isEmpty()) {
            String recipe = recipes.uniform(
                    arm.setup(), arm.setup().tuned().stream().map(_ -> uniform).toList());
            run(name + " uniform " + uniform, recipe, arm, "uniform " + uniform);
            return;
        }
        Trial guided = run(name, recipes.guided(arm.setup(), arm.seed(), arm.rule()), arm, arm.rule());
        run(
                name + ExperimentTables.SAME_SHARE,
                recipes.uniform(arm.setup(), guided.kept()),
                arm,
                "uniform, same share");
    }

    private Trial run(String name, String recipe, Experiments.Arm arm, String densities) throws IOException {
        String id = name.replaceAll("[^A-Za-z0-9.]+", "-").toLowerCase(Locale.ROOT);
        Path file = Files.writeString(recipeFolder.resolve(id + ".yaml"), recipe);
        Trial trial = Trial.of(file, linears, guidance);
        if (!done.contains(id)) {
            Path merged = output.resolve("merged");
            Folders.delete(merged);
            Merge.run(trial.recipe(), merged);
            Map<String, Object> row = row(id, arm.part(), arm.name(), densities, trial.meanKept());
            row.put("seed", arm.seed());
            score(row, merged);
            Folders.delete(merged);
        }
        return trial;
    }

    private static Map<String, Object> row(String id, String part, String name, String densities, double kept) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", id);
        row.put("part", part);
        row.put("merge", name);
        row.put("densities", densities);
        row.put("kept", kept);
        return row;
    }

    /// Adds the scores to the row, and the row to the results.
    private void score(Map<String, Object> row, Path model) throws IOException {
        try (Subject subject = Subject.open(model, Precision.FLOAT32)) {
            for (TaskResult result : evaluation.run(subject, Optional.of(sandbox), Evaluation.Listener.NONE)) {
                for (Score score : result.scores()) {
                    row.put(result.task() + " " + score.metric(), score.value());
                    row.put(result.task() + " " + score.metric() + " error", score.standardError());
                }
            }
        }
        Files.writeString(results, Json.compact(row) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        System.err.println(row.get("id"));
    }

    private Path model(String name) {
        return examples.resolve("models").resolve(name);
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
