package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.engine.Merge;
import org.lewis.evaluate.Evaluation;
import org.lewis.evaluate.EvaluationOptions;
import org.lewis.evaluate.PythonSandbox;
import org.lewis.evaluate.Sandbox;
import org.lewis.evaluate.Subject;
import org.lewis.evaluate.Task;
import org.lewis.evaluate.TaskResult;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.guidance.DeltaFile;
import org.lewis.guidance.Importance;
import org.lewis.guidance.LayerGuidance;
import org.lewis.guidance.LayerTable;
import org.lewis.guidance.Lewis;
import org.lewis.guidance.LewisRecipe;
import org.lewis.guidance.LewisRun;
import org.lewis.guidance.Linears;
import org.lewis.guidance.Movement;
import org.lewis.guidance.TextSource;
import org.lewis.measure.Differences;
import org.lewis.model.Decoder;
import org.lewis.recipe.Guidance;
import org.lewis.recipe.Recipe;
import org.lewis.report.DifferenceFigures;

/// The steps of the demo: calibrate, write recipes, merge, evaluate.
final class Demo {

    /// One line of the result.
    ///
    /// @param bounds of the densities, or the one density; empty for a parent
    /// @param kept   share of the fine-tunes' linear task vectors that the merge kept; NaN for a parent
    /// @param mergeSeconds NaN for a parent
    record Row(
            String model,
            String method,
            String bounds,
            double kept,
            TaskResult math,
            TaskResult code,
            double mergeSeconds,
            double scoreSeconds) {}

    /// What became of a fine-tune before any merge.
    ///
    /// @param layers with densities of the first guided merge
    record Calibrated(LayerGuidance layers, double seconds) {}

    /// Lower and upper bound of guided densities.
    private record Bounds(double gamma, double epsilon) {
        @Override
        public String toString() {
            return gamma + "-" + epsilon;
        }
    }

    /// A fine-tune, and the text that it is calibrated with.
    private record Tuned(String name, String text, String template) {}

    private static final List<Tuned> FINE_TUNES = List.of(
            new Tuned("math", "math_train.jsonl", "Question: {question}\nAnswer: {answer}"),
            new Tuned("code", "code_train.jsonl", "\"\"\"{text}\"\"\"\n{code}"));
    private static final List<Bounds> BOUNDS = List.of(new Bounds(0.3, 0.8), new Bounds(0.5, 1.0));
    static final double UNIFORM = 0.5;
    private static final int SAMPLES = 15;
    private static final int MAX_LENGTH = 512;
    private static final long SEED = 42;

    private final Path examples;
    private final Path output;
    private final Console console;
    private final Decoder decoder;
    private final Linears linears;
    private final Evaluation evaluation;
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Calibrated> calibrated = new LinkedHashMap<>();

    Demo(Path examples, Path output, int limit, Console console) throws IOException {
        this.examples = examples;
        this.output = output;
        this.console = console;
        try (Checkpoint base = Checkpoint.open(model("base"))) {
            this.decoder = LanguageModel.describe(base);
        }
        this.linears = Linears.of(decoder);
        this.evaluation =
                Evaluation.prepare(List.of(task("math"), task("code")), EvaluationOptions.STANDARD.withLimit(limit));
    }

    List<Row> run() throws IOException {
        // The sandbox needs a moment to start, so it does that while the models are calibrated.
        try (PythonSandbox sandbox = PythonSandbox.open()) {
            Map<String, LayerTable> deltas = deltas();
            console.note("evaluating the three models");
            for (String parent : List.of("base", "math", "code")) {
                evaluate(model(parent), parent, "-", "", Double.NaN, Double.NaN, sandbox);
            }
            merge("TIES", "uniform " + UNIFORM, "" + UNIFORM, _ -> uniform(UNIFORM), deltas, sandbox);
            for (Bounds bounds : BOUNDS) {
                UnaryOperator<LayerTable> guided = table -> Lewis.densities(table, bounds.gamma(), bounds.epsilon());
                merge("LEWIS-TIES", "guided " + bounds, bounds.toString(), guided, deltas, sandbox);
                merge(
                        "TIES",
                        "uniform like " + bounds,
                        "as many",
                        table -> uniform(Lewis.keptShare(guided.apply(table), linears, decoder)),
                        deltas,
                        sandbox);
            }
        }
        return List.copyOf(rows);
    }

    /// The fine-tunes by their names.
    Map<String, Calibrated> calibrated() {
        return calibrated;
    }

    /// How the fine-tunes differ from the base.
    DifferenceFigures differences() throws IOException {
        List<String> names = FINE_TUNES.stream().map(Tuned::name).toList();
        List<Checkpoint> tuned = new ArrayList<>();
        try (Checkpoint base = Checkpoint.open(model("base"))) {
            for (String name : names) {
                tuned.add(Checkpoint.open(model(name)));
            }
            return new DifferenceFigures(Differences.of(base, tuned, Differences.Progress.NONE), names, linears);
        } finally {
            tuned.forEach(Checkpoint::close);
        }
    }

    /// The recipe of the first guided merge.
    Path guidedRecipe() throws IOException {
        return recipes().resolve(file("guided " + BOUNDS.getFirst()) + ".yaml");
    }

    /// What that merge made.
    Path guidedModel() {
        return output.resolve("models").resolve(file("guided " + BOUNDS.getFirst()));
    }

    /// How far each layer of each fine-tune moved, by LEWIS on the fine-tune's own training text.
    private Map<String, LayerTable> deltas() throws IOException {
        LewisRun run = LewisRun.with(new PackCache(output.resolve("statistics")), Optional.of(Precision.FLOAT32));
        Map<String, LayerTable> deltas = new LinkedHashMap<>();
        for (Tuned tuned : FINE_TUNES) {
            console.note("calibrating base and " + tuned.name() + " on " + SAMPLES + " samples of " + tuned.text());
            TextSource text = TextSource.of(
                    examples.resolve("data").resolve(tuned.text()),
                    new TextSource.Cut(tuned.template(), SAMPLES, SEED, MAX_LENGTH),
                    model("base"));
            long start = System.nanoTime();
            Movement movement = new Movement(importance(run, "base", text), importance(run, tuned.name(), text));
            Bounds first = BOUNDS.getFirst();
            LayerTable densities = Lewis.densities(movement.deltas(), first.gamma(), first.epsilon());
            calibrated.put(tuned.name(), new Calibrated(new LayerGuidance(movement, densities), secondsSince(start)));
            deltas.put(tuned.name(), movement.deltas());
            new DeltaFile(tuned.name(), "base").write(output.resolve("importance"), movement.deltas());
        }
        return deltas;
    }

    private LayerTable importance(LewisRun run, String name, TextSource text) throws IOException {
        return Importance.of(run.pack(name, ModelLocation.of(model(name)), text, 0), Guidance.Metric.WANDA)
                .table(linears);
    }

    private LayerTable uniform(double density) {
        return LayerTable.uniform(linears.components(), linears.layers(), density);
    }

    /// Writes a recipe with densities made from the deltas, merges it, and evaluates the result.
    private void merge(
            String method,
            String name,
            String bounds,
            UnaryOperator<LayerTable> densitiesOf,
            Map<String, LayerTable> deltas,
            Sandbox sandbox)
            throws IOException {
        Map<String, LayerTable> densities = new LinkedHashMap<>();
        double kept = 0;
        for (Map.Entry<String, LayerTable> entry : deltas.entrySet()) {
            LayerTable table = densitiesOf.apply(entry.getValue());
            densities.put(path(entry.getKey()), table);
            kept += Lewis.keptShare(table, linears, decoder) / deltas.size();
        }
        Path recipe = recipes().resolve(file(name) + ".yaml");
        Files.writeString(
                recipe,
                new LewisRecipe(
                                path("base"),
                                densities,
                                linears,
                                "ties",
                                Map.of("normalize", true, "int8_mask", true),
                                false)
                        .yaml());
        Path merged = output.resolve("models").resolve(file(name));
        console.note("merging and evaluating " + name);
        long start = System.nanoTime();
        Merge.run(Recipe.read(recipe), merged);
        evaluate(merged, "math + code", method, bounds, kept, secondsSince(start), sandbox);
    }

    private static String file(String name) {
        return name.replaceAll("[^A-Za-z0-9.]+", "-").toLowerCase(Locale.ROOT);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private void evaluate(
            Path model, String name, String method, String bounds, double kept, double mergeSeconds, Sandbox sandbox)
            throws IOException {
        long start = System.nanoTime();
        try (EvaluationProgress progress =
                        new EvaluationProgress(console, model.getFileName().toString());
                Subject subject = Subject.open(model, Precision.FLOAT32)) {
            List<TaskResult> results = evaluation.run(subject, Optional.of(sandbox), progress);
            rows.add(new Row(
                    name, method, bounds, kept, results.get(0), results.get(1), mergeSeconds, secondsSince(start)));
        }
    }

    private Task task(String name) throws IOException {
        return Task.read(examples.resolve("tasks").resolve(name + ".yaml"));
    }

    private Path model(String name) {
        return examples.resolve("models").resolve(name);
    }

    /// A model's path as the recipes name it: they stay right when examples and output move together.
    private String path(String name) throws IOException {
        return recipes().toRealPath().relativize(model(name).toRealPath()).toString();
    }

    private Path recipes() throws IOException {
        return Files.createDirectories(output.resolve("recipes"));
    }
}
