package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// The results of experiments as Markdown: a table for each part, and mean and deviation of those that differ in their
/// seeds alone.
final class ExperimentTables {

    /// @param key  in the results
    /// @param error whether the standard error is shown
    private record Metric(String title, String key, boolean error) {}

    private static final List<Metric> METRICS = List.of(
            new Metric("math strict", "math strict_match", true),
            new Metric("code pass@1", "code pass@1", true),
            new Metric("math ppl", "math target_perplexity", false),
            new Metric("code ppl", "code target_perplexity", false));

    private ExperimentTables() {}

    static String markdown(Path results) throws IOException {
        Map<String, List<Node>> parts = new LinkedHashMap<>();
        for (String line : Files.readAllLines(results)) {
            Node row = Json.parse(results.toString(), line);
            parts.computeIfAbsent(row.get("part").text(), _ -> new ArrayList<>())
                    .add(row);
        }
        StringBuilder text = new StringBuilder();
        parts.forEach((part, rows) -> {
            text.append("\n### ").append(part).append("\n\n").append(header("merge", "densities"));
            rows.forEach(row -> text.append(line(row)));
            if (part.equals("seeds")) {
                text.append('\n').append(header("densities", "runs")).append(overSeeds(rows));
            }
        });
        return text.toString();
    }

    private static String header(String first, String second) {
        return "| " + first + " | " + second + " | kept | "
                + METRICS.stream().map(Metric::title).collect(Collectors.joining(" | ")) + " |\n|---|---"
                + "|---:".repeat(METRICS.size() + 1) + "|\n";
    }

    private static String line(Node row) {
        StringBuilder line = new StringBuilder("| " + row.get("merge").text() + " | "
                + row.get("densities").text().replace(": ", " ").replace("; ", ", ") + " | "
                + row.find("kept").map(kept -> number(kept.number())).orElse(""));
        for (Metric metric : METRICS) {
            line.append(" | ").append(number(row.get(metric.key()).number()));
            if (metric.error()) {
                line.append(" ± ")
                        .append(number(row.get(metric.key() + " error").number()));
            }
        }
        return line.append(" |\n").toString();
    }

    /// Mean and sample deviation over the rows of like densities.
    private static String overSeeds(List<Node> rows) {
        Map<String, List<Node>> groups = new LinkedHashMap<>();
        rows.forEach(row -> groups.computeIfAbsent(row.get("densities").text(), _ -> new ArrayList<>())
                .add(row));
        StringBuilder text = new StringBuilder();
        groups.forEach((densities, group) -> {
            text.append("| ").append(densities).append(" | ").append(group.size());
            text.append(" | ").append(spread(group, "kept"));
            METRICS.forEach(metric -> text.append(" | ").append(spread(group, metric.key())));
            text.append(" |\n");
        });
        return text.toString();
    }

    private static String spread(List<Node> rows, String key) {
        double[] values =
                rows.stream().mapToDouble(row -> row.get(key).number()).toArray();
        double mean = java.util.Arrays.stream(values).average().orElseThrow();
        double squares = java.util.Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return number(mean) + " ± " + String.format(Locale.ROOT, "%.4f", Math.sqrt(squares / (values.length - 1)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
