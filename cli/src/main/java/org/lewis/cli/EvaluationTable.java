package org.lewis.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lewis.document.Json;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.TaskResult;
import org.lewis.evaluate.Throughput;

/// Results of an evaluation by model, as text and as files.
final class EvaluationTable {

    private EvaluationTable() {}

    /// One table, or where that would be too wide one for each task.
    static String of(Map<String, List<TaskResult>> results) {
        List<TextTable.Column> columns = results.values().iterator().next().stream()
                .flatMap(result ->
                        result.scores().stream().map(score -> new TextTable.Column(result.task(), score.metric())))
                .toList();
        TextTable table = TextTable.of("model", columns);
        results.forEach((model, ofModel) -> {
            List<String> row = new ArrayList<>(List.of(model));
            ofModel.forEach(result -> result.scores().forEach(score -> row.add(TextTable.score(score))));
            table.add(row);
        });
        return table.toString();
    }

    static String json(Map<String, List<TaskResult>> results) {
        return byModel(results, result -> {
            Map<String, Object> scores = new LinkedHashMap<>();
            for (Score score : result.scores()) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("value", score.value());
                entry.put("standard_error", score.standardError());
                entry.put("count", score.count());
                scores.put(score.metric(), entry);
            }
            return scores;
        });
    }

    /// Apart from the scores, which are the same in every run.
    static String throughputJson(Map<String, List<TaskResult>> results) {
        return byModel(results, result -> {
            Throughput throughput = result.throughput();
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("prompt_tokens", throughput.promptTokens());
            entry.put("prompt_tokens_per_second", throughput.promptRate());
            entry.put("new_tokens", throughput.newTokens());
            entry.put("new_tokens_per_second", throughput.generationRate());
            return entry;
        });
    }

    /// Sentences about speed and about what was cut.
    static List<String> throughput(Map<String, List<TaskResult>> results) {
        List<String> sentences = new ArrayList<>();
        results.forEach((model, ofModel) -> {
            Throughput sum = ofModel.stream().map(TaskResult::throughput).reduce(Throughput.NONE, Throughput::plus);
            if (sum.promptTokens() > 0) {
                String generated = sum.newTokens() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %,.0f tokens/s generated", sum.generationRate());
                sentences.add(
                        String.format(Locale.ROOT, "%s: %,.0f tokens/s read%s", model, sum.promptRate(), generated));
            }
            ofModel.forEach(result -> result.note().ifPresent(note -> sentences.add(model + ": " + note)));
        });
        return sentences;
    }

    /// A line for each answer.
    static String samples(TaskResult result) {
        StringBuilder lines = new StringBuilder();
        result.samples().forEach(sample -> lines.append(Json.compact(sample)).append('\n'));
        return lines.toString();
    }

    private static String byModel(
            Map<String, List<TaskResult>> results, java.util.function.Function<TaskResult, Object> entry) {
        Map<String, Object> document = new LinkedHashMap<>();
        results.forEach((model, ofModel) -> {
            Map<String, Object> tasks = new LinkedHashMap<>();
            ofModel.forEach(result -> tasks.put(result.task(), entry.apply(result)));
            document.put(model, tasks);
        });
        return Json.pretty(document);
    }
}
