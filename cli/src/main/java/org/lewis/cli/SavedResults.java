package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.evaluate.Score;
import org.lewis.guidance.LayerGuidance;

/// Results that `evaluate` and `compare` have written.
///
/// @param sources   the files
/// @param models    as many rows as models, in the order of the files
/// @param documents recipes and manifests that belong to them, by title
record SavedResults(List<Path> sources, List<Model> models, Map<String, String> documents) {

    private static final String EVALUATION = "results.json";
    private static final String COMPARISON = "comparison_results.json";
    private static final String THROUGHPUT = "throughput.json";
    private static final String MANIFEST = "lewis-manifest.json";

    /// What is known of a model.
    ///
    /// @param kept   share of the task vectors; NaN where it is none of a merge
    /// @param scores by task and metric
    /// @param layers what LEWIS found for a merge, by the names of the fine-tunes; empty where it was not asked
    /// @param speed  empty where nobody has kept it
    record Model(
            String name,
            double kept,
            Map<Column, Score> scores,
            double mergeSeconds,
            double scoreSeconds,
            Map<String, LayerGuidance> layers,
            Optional<Speed> speed) {

        /// Whether another row of the same name is about the same model, on other tasks.
        boolean isContinuedBy(Model other) {
            return layers.equals(other.layers) && scores.keySet().stream().noneMatch(other.scores::containsKey);
        }

        Model called(String other) {
            return new Model(other, kept, scores, mergeSeconds, scoreSeconds, layers, speed);
        }

        Model scored(Map<Column, Score> others) {
            return new Model(name, kept, others, mergeSeconds, scoreSeconds, layers, speed);
        }
    }

    /// A metric of a task.
    record Column(String task, String metric) {}

    /// Tokens, and how many in a second.
    record Speed(long read, double readRate, long generated, double generatedRate) {}

    /// @param places files, or folders that hold one
    /// @throws IOException when one is missing or is none of these
    static SavedResults read(List<Path> places) throws IOException {
        Map<String, Model> models = new LinkedHashMap<>();
        Map<String, String> documents = new LinkedHashMap<>();
        List<Path> sources = new ArrayList<>();
        for (Path place : places) {
            Path file = file(place);
            sources.add(file);
            try {
                Node root = Json.read(file);
                for (Model model : root.find("rows").isPresent() ? comparison(root) : evaluation(root, file)) {
                    add(model, models, file);
                }
                documents.putAll(root.find("rows").isPresent() ? recipes(root, file) : manifests(root));
            } catch (DocumentException e) {
                throw new IOException("no results of evaluate or compare: " + e.getMessage(), e);
            }
        }
        return new SavedResults(sources, List.copyOf(models.values()), documents);
    }

    /// All columns, in the order in which models have them.
    List<Column> columns() {
        return models.stream()
                .flatMap(model -> model.scores().keySet().stream())
                .distinct()
                .toList();
    }

    private static Path file(Path place) throws IOException {
        for (Path file : List.of(place, place.resolve(COMPARISON), place.resolve(EVALUATION))) {
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new IOException(
                place + ": no such results, neither a file nor a folder with " + EVALUATION + " or " + COMPARISON);
    }

    /// One model may have been scored on several tasks in several runs; two scores for one task need two rows.
    private static void add(Model model, Map<String, Model> models, Path file) {
        Model known = models.get(model.name());
        if (known == null) {
            models.put(model.name(), model);
        } else if (known.isContinuedBy(model)) {
            Map<Column, Score> both = new LinkedHashMap<>(known.scores());
            both.putAll(model.scores());
            models.put(model.name(), known.scored(both));
        } else {
            String apart = model.name() + " (" + file + ")";
            models.put(apart, model.called(apart));
        }
    }

    private static List<Model> evaluation(Node root, Path file) throws IOException {
        Path beside = file.resolveSibling(THROUGHPUT);
        Optional<Node> throughput = Files.exists(beside) ? Optional.of(Json.read(beside)) : Optional.empty();
        List<Model> models = new ArrayList<>();
        root.mapping().forEach((name, tasks) -> {
            Map<Column, Score> scores = new LinkedHashMap<>();
            tasks.mapping().forEach((task, metrics) -> put(task, metrics, scores));
            Optional<Speed> speed = throughput.flatMap(all -> all.find(name)).map(SavedResults::speed);
            models.add(new Model(name, Double.NaN, scores, Double.NaN, Double.NaN, Map.of(), speed));
        });
        return models;
    }

    private static List<Model> comparison(Node root) {
        List<Model> models = new ArrayList<>();
        for (Node row : root.get("rows").sequence()) {
            if (row.find("failure").isPresent()) {
                continue; // told among the documents
            }
            Map<Column, Score> scores = new LinkedHashMap<>();
            for (String kind : List.of("texts", "tasks")) {
                row.get(kind).mapping().forEach((name, metrics) -> put(name, metrics, scores));
            }
            boolean isMerge = row.get("kind").text().equals("merge");
            models.add(new Model(
                    row.get("name").text(),
                    row.find("kept_share").map(Node::number).orElse(Double.NaN),
                    scores,
                    isMerge ? row.get("merge_seconds").number() : Double.NaN,
                    row.get("evaluation_seconds").number(),
                    row.find("guidance").map(LayerGuidance::readAll).orElse(Map.of()),
                    Optional.empty()));
        }
        return models;
    }

    private static void put(String task, Node metrics, Map<Column, Score> scores) {
        metrics.mapping()
                .forEach((metric, score) -> scores.put(
                        new Column(task, metric),
                        new Score(
                                metric,
                                score.find("value").map(Node::number).orElse(Double.NaN),
                                score.find("standard_error").map(Node::number).orElse(Double.NaN),
                                score.get("count").integer(0, Integer.MAX_VALUE))));
    }

    private static Speed speed(Node tasks) {
        long read = 0;
        double reading = 0;
        long generated = 0;
        double generating = 0;
        for (Node task : tasks.mapping().values()) {
            read += task.get("prompt_tokens").integer();
            reading += seconds(task, "prompt_tokens");
            generated += task.get("new_tokens").integer();
            generating += seconds(task, "new_tokens");
        }
        return new Speed(
                read,
                reading > 0 ? read / reading : Double.NaN,
                generated,
                generating > 0 ? generated / generating : Double.NaN);
    }

    private static double seconds(Node task, String tokens) {
        double rate = task.get(tokens + "_per_second").number();
        return rate > 0 ? task.get(tokens).integer() / rate : 0;
    }

    private static Map<String, String> recipes(Node root, Path file) throws IOException {
        Map<String, String> documents = new LinkedHashMap<>();
        for (Node row : root.get("rows").sequence()) {
            String name = row.get("name").text();
            row.find("failure").ifPresent(failure -> documents.put("What failed: " + name, failure.text()));
            Path recipe = file.resolveSibling("recipes").resolve(name + ".yaml");
            if (Files.isRegularFile(recipe)) {
                documents.put("Recipe of " + name, Files.readString(recipe));
            }
        }
        return documents;
    }

    /// Of models that Lewis merged and that are still where they were.
    private static Map<String, String> manifests(Node root) throws IOException {
        Map<String, String> documents = new LinkedHashMap<>();
        for (String name : root.mapping().keySet()) {
            Path manifest = Path.of(name).resolve(MANIFEST);
            if (Files.isRegularFile(manifest)) {
                documents.put("Manifest of " + name, Files.readString(manifest));
            }
        }
        return documents;
    }
}
