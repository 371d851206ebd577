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
import org.lewis.report.LayerFigures;
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
    private record Metric(String title, boolean ofMath, String name) {
        Score of(Demo.Row row) {
            TaskResult result = ofMath ? row.math() : row.code();
            return result.score(name).orElseThrow();
        }
    }

    private static final List<Metric> METRICS = List.of(
            new Metric("math strict", true, "strict_match"),
            new Metric("math flexible", true, "flexible_match"),
            new Metric("code pass@1", false, "pass@1"),
            new Metric("math ppl", true, "target_perplexity"),
            new Metric("code ppl", false, "target_perplexity"));

    String text() {
        List<String> header = new ArrayList<>(List.of("model", "method", "bounds", "kept"));
        METRICS.forEach(metric -> header.add(metric.title()));
        TextTable table = new TextTable(header);
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
        List<ScoredModel> models = rows.stream().map(DemoReport::scored).toList();
        List<Section> sections = new ArrayList<>();
        sections.add(ScoreFigures.table(
                "Scores",
                "Kept is the share of the linear layers' task vectors that survives the trim. A uniform merge that"
                        + " keeps the same share stands below each guided one.",
                FACTS,
                models));
        sections.add(ScoreFigures.bars(
                "Right answers", "Whiskers show one standard error.", "share of right answers", models));
        sections.addAll(layers());
        sections.addAll(differences.sections(Demo.UNIFORM));
        sections.add(ScoreFigures.times("Time and memory", cost(), FACTS, models));
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
            densities.put(name, tuned.densities());
            sections.add(LayerFigures.heatMap(
                    "Importance in " + name,
                    "How strongly the fine-tune's own training text drives each linear layer of it.",
                    tuned.movement().tuned()));
            sections.add(LayerFigures.heatMap(
                    "How far " + name + " moved",
                    "Change of each linear layer's importance since the base, as a share of the change of all layers of"
                            + " its component.",
                    tuned.movement().deltas()));
            sections.add(LayerFigures.heatMap(
                    "Densities of " + name,
                    "Share of the task vector that each linear layer keeps in the first guided merge: more where"
                            + " fine-tuning moved it more.",
                    tuned.densities()));
        });
        sections.add(LayerFigures.profile(
                "Densities over the depth",
                "In the first guided merge, the mean over the components of each layer.",
                "density",
                densities));
        return sections;
    }

    private String cost() {
        StringBuilder cost = new StringBuilder();
        calibrated.forEach((name, tuned) -> cost.append(
                String.format(Locale.ROOT, "Calibrating base and %s took %.1f s. ", name, tuned.seconds())));
        PeakMemory.bytes()
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
                        .map(metric -> new ScoredModel.TaskScore(metric.title(), metric.of(row)))
                        .toList(),
                row.mergeSeconds(),
                row.scoreSeconds());
    }

    private static String kept(Demo.Row row) {
        return Double.isNaN(row.kept()) ? "" : String.format(Locale.ROOT, "%.3f", row.kept());
    }
}
