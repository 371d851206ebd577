package org.lewis.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lewis.document.Json;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.TaskResult;
import org.lewis.guidance.LayerTable;
import org.lewis.report.DifferenceFigures;
import org.lewis.report.GuidanceFigures;
import org.lewis.report.Report;
import org.lewis.report.ScoreFigures;
import org.lewis.report.ScoredModel;
import org.lewis.report.Section;

/// The demo's results as a table for the terminal, as JSON, and as a page.
///
/// @param calibrated the fine-tunes by their names
/// @param differences of the fine-tunes, in that order
/// @param recipe     of the first guided merge
/// @param manifest   of what it made
record DemoReport(
        List<Demo.Row> rows,
        Map<String, Demo.Calibrated> calibrated,
        DifferenceFigures differences,
        String recipe,
        String manifest,
        int problems) {

    private static final List<String> FACTS = List.of("method", "bounds");

    /// A column of the table: a metric of one of the two tasks.
    private record Metric(boolean ofMath, String shown, String name) {
        Score of(Demo.Row row) {
            TaskResult result = ofMath ? row.math() : row.code();
            return result.score(name).orElseThrow();
        }

        String task() {
            return ofMath ? "math" : "code";
        }

        String title() {
            return task() + " " + shown;
        }
    }

    private static final List<Metric> METRICS = List.of(
            new Metric(true, "strict", "strict_match"),
            new Metric(true, "flexible", "flexible_match"),
            new Metric(false, "pass@1", "pass@1"),
            new Metric(true, "ppl", "target_perplexity"),
            new Metric(false, "ppl", "target_perplexity"));

    String text() {
        List<String> header = new ArrayList<>(List.of("model", "method", "bounds", "kept"));
        METRICS.forEach(metric -> header.add(metric.title()));
        TextTable table = TextTable.of(header);
        for (Demo.Row row : rows) {
            List<String> cells = new ArrayList<>(List.of(row.model(), row.method(), row.bounds(), kept(row)));
            METRICS.forEach(metric ->
                    cells.add(String.format(Locale.ROOT, "%.3f", metric.of(row).value())));
            table.add(cells);
        }
        return table.toString();
    }

    String json() {
        List<Object> list = new ArrayList<>();
        for (Demo.Row row : rows) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("model", row.model());
            entry.put("method", row.method());
            entry.put("sparsity_bounds", row.bounds());
            entry.put("kept_share", row.kept());
            METRICS.forEach(metric -> entry.put(metric.title(), metric.of(row).value()));
            list.add(entry);
        }
        Map<String, Object> results = new LinkedHashMap<>();
        results.put(DemoFolder.MARK, "finished");
        results.put("problems", problems);
        results.put("rows", list);
        return Json.pretty(results);
    }

    Report html() {
        ScoreFigures scores =
                new ScoreFigures(FACTS, rows.stream().map(DemoReport::scored).toList());
        List<Section> sections = new ArrayList<>(scores.tables(
                "Kept is the share of the linear layers' task vectors that survives the trim. A uniform merge that"
                        + " keeps the same share stands below each guided one."));
        sections.addAll(scores.bars("Whiskers show one standard error."));
        sections.addAll(layers());
        sections.addAll(differences.sections(Demo.UNIFORM));
        sections.add(scores.times("Time and memory", cost()));
        sections.add(new Section.Code("Recipe of the first guided merge", recipe));
        sections.add(new Section.Code("Manifest of its output", manifest));
        return new Report(
                "LEWIS-guided merging on small models",
                "A Llama of 2.6 M parameters and its fine-tunes for arithmetic and for Python, merged by TIES with the"
                        + " same density in every linear layer and with densities set by LEWIS; " + problems
                        + " test problems for each task, greedy answers.",
                sections);
    }

    private List<Section> layers() {
        List<Section> sections = new ArrayList<>();
        Map<String, LayerTable> densities = new LinkedHashMap<>();
        calibrated.forEach((name, tuned) -> {
            sections.addAll(GuidanceFigures.importance(name, "", tuned.layers().movement()));
            densities.put(name, tuned.layers().densities());
        });
        sections.addAll(GuidanceFigures.densities("in the first guided merge", densities));
        return sections;
    }

    private String cost() {
        StringBuilder cost = new StringBuilder();
        calibrated.forEach((name, tuned) -> cost.append(
                String.format(Locale.ROOT, "Calibrating base and %s took %.1f s. ", name, tuned.seconds())));
        ProcessMemory.peak()
                .ifPresent(bytes -> cost.append(String.format(
                        Locale.ROOT,
                        "The process had at most %,d MB in memory, mapped model files among them.",
                        bytes / 1_000_000)));
        return cost.toString();
    }

    private static ScoredModel scored(Demo.Row row) {
        return new ScoredModel(
                row.model(),
                List.of(row.method(), row.bounds()),
                row.kept(),
                METRICS.stream()
                        .map(metric -> new ScoredModel.TaskScore(metric.task(), metric.shown(), metric.of(row)))
                        .toList(),
                row.mergeSeconds(),
                row.scoreSeconds());
    }

    private static String kept(Demo.Row row) {
        return Double.isNaN(row.kept()) ? "" : String.format(Locale.ROOT, "%.3f", row.kept());
    }
}
