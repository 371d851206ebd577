package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    /// @param higherIsBetter and whether the standard error is shown: shares of right answers have both
    private record Metric(String title, String key, boolean higherIsBetter) {}

    private static final List<Metric> METRICS = List.of(
            new Metric("math strict", "math strict_match", true),
            new Metric("code pass@1", "code pass@1", true),
            new Metric("math ppl", "math target_perplexity", false),
            new Metric("code ppl", "code target_perplexity", false));

    /// What the id of a uniform merge adds to that of the guided one it goes with.
    static final String SAME_SHARE = "-same-share";

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
        return text.append(pairs(parts)).toString();
    }

    /// How often guidance did better, as well and worse than the uniform merge that keeps as much.
    private static String pairs(Map<String, List<Node>> parts) {
        StringBuilder text = new StringBuilder("\n### pairs\n\n| part | pairs | ")
                .append(METRICS.stream().map(Metric::title).collect(Collectors.joining(" | ")))
                .append(" |\n|---|---:|---|---|---|---|\n");
        parts.forEach((part, rows) -> {
            Map<String, Node> byId =
                    rows.stream().collect(Collectors.toMap(row -> row.get("id").text(), row -> row));
            List<Node> guided = rows.stream()
                    .filter(row -> byId.containsKey(row.get("id").text() + SAME_SHARE))
                    .toList();
            if (!guided.isEmpty()) {
                text.append("| %s | %d".formatted(part, guided.size()));
                METRICS.forEach(metric -> text.append(" | ").append(outcomes(guided, byId, metric)));
                text.append(" |\n");
            }
        });
        return text.toString();
    }

    /// Better, equal, worse, and by how much in the mean.
    private static String outcomes(List<Node> guided, Map<String, Node> byId, Metric metric) {
        double[] gains = guided.stream()
                .mapToDouble(row -> row.get(metric.key()).number()
                        - byId.get(row.get("id").text() + SAME_SHARE)
                                .get(metric.key())
                                .number())
                .toArray();
        int sign = metric.higherIsBetter() ? 1 : -1;
        return "%d / %d / %d, %s"
                .formatted(
                        Arrays.stream(gains).filter(gain -> sign * gain > 0).count(),
                        Arrays.stream(gains).filter(gain -> gain == 0).count(),
                        Arrays.stream(gains).filter(gain -> sign * gain < 0).count(),
                        String.format(
                                Locale.ROOT,
                                "%+.3f",
                                Arrays.stream(gains).average().orElseThrow()));
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
            if (metric.higherIsBetter()) {
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
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return number(mean) + " ± " + String.format(Locale.ROOT, "%.4f", Math.sqrt(squares / (values.length - 1)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
