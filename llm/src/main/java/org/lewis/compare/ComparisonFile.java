package org.lewis.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.evaluate.Score;
import org.lewis.guidance.LayerGuidance;

/// The results of a comparison, `comparison_results.json`: written after each row, read by the next comparison.
record ComparisonFile(Path file) {

    static final String NAME = "comparison_results.json";

    static ComparisonFile in(Path output) {
        return new ComparisonFile(output.resolve(NAME));
    }

    /// @param unvisited rows of an earlier comparison that this one may come to
    void write(
            ComparisonOptions options,
            Criterion criterion,
            List<ScoredRow> rows,
            Map<String, Path> kept,
            Collection<ScoredRow> unvisited)
            throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("base", options.base().toString());
        document.put("seed", options.settings().seed());
        document.put("best_by", criterion.name());
        document.put("best", criterion.best(rows).map(ScoredRow::name).orElse(null));
        document.put("rows", rows.stream().map(row -> entry(row, kept)).toList());
        if (!unvisited.isEmpty()) {
            document.put(
                    "earlier_rows",
                    unvisited.stream().map(row -> entry(row, Map.of())).toList());
        }
        Path beside = file.resolveSibling(NAME + ".part");
        Files.writeString(beside, Json.pretty(document));
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Map<String, Object> entry(ScoredRow row, Map<String, Path> kept) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", row.name());
        entry.put("kind", row.kind().name().toLowerCase(Locale.ROOT));
        row.failure().ifPresent(failure -> entry.put("failure", failure));
        if (row.kind() == ScoredRow.Kind.MERGE) {
            entry.put("kept_share", row.kept());
        }
        if (row.scores().stream().anyMatch(ScoredRow.Scores::isText)) {
            entry.put("mean_perplexity", row.meanPerplexity());
        }
        entry.put("texts", scores(row, true));
        entry.put("tasks", scores(row, false));
        entry.put("calibration_seconds", row.seconds().calibration());
        entry.put("merge_seconds", row.seconds().merge());
        entry.put("evaluation_seconds", row.seconds().evaluation());
        entry.put("reused", row.reused());
        if (kept.containsKey(row.name())) {
            entry.put("model", kept.get(row.name()).toString());
        }
        entry.put("key", row.key());
        if (!row.layers().isEmpty()) {
            entry.put("guidance", guidance(row.layers()));
        }
        return entry;
    }

    private static Map<String, Object> guidance(Map<String, LayerGuidance> layers) {
        Map<String, Object> byModel = new LinkedHashMap<>();
        layers.forEach((model, found) -> byModel.put(model, found.plain()));
        return byModel;
    }

    private static Map<String, Object> scores(ScoredRow row, boolean ofTexts) {
        Map<String, Object> byName = new LinkedHashMap<>();
        for (ScoredRow.Scores scores : row.scores()) {
            if (scores.isText() == ofTexts) {
                Map<String, Object> byMetric = new LinkedHashMap<>();
                for (Score score : scores.scores()) {
                    Map<String, Object> entry = new LinkedHashMap<>();
                    entry.put("value", score.value());
                    entry.put("standard_error", score.standardError());
                    entry.put("count", score.count());
                    byMetric.put(score.metric(), entry);
                }
                byName.put(scores.name(), byMetric);
            }
        }
        return byName;
    }

    /// The rows that an earlier comparison finished, by their keys; none when there was no comparison.
    ///
    /// @throws IOException when the file is none that [#write] has written
    Map<String, ScoredRow> finished() throws IOException {
        Map<String, ScoredRow> rows = new LinkedHashMap<>();
        if (!Files.exists(file)) {
            return rows;
        }
        try {
            Node document = Json.read(file);
            List<Node> all = new ArrayList<>(document.get("rows").sequence());
            document.find("earlier_rows").ifPresent(found -> all.addAll(found.sequence()));
            for (Node row : all) {
                if (row.find("failure").isEmpty()) {
                    ScoredRow read = row(row);
                    rows.put(read.key(), read);
                }
            }
        } catch (DocumentException | IllegalArgumentException e) {
            throw new IOException(file + ": is not of a comparison (" + e.getMessage() + "); choose another folder", e);
        }
        return rows;
    }

    private static ScoredRow row(Node row) {
        List<ScoredRow.Scores> scores = new ArrayList<>();
        row.get("texts").mapping().forEach((name, metrics) -> scores.add(scores(name, true, metrics)));
        row.get("tasks").mapping().forEach((name, metrics) -> scores.add(scores(name, false, metrics)));
        return new ScoredRow(
                row.get("name").text(),
                ScoredRow.Kind.valueOf(row.get("kind").text().toUpperCase(Locale.ROOT)),
                row.get("key").text(),
                row.find("kept_share").map(Node::number).orElse(Double.NaN),
                scores,
                row.find("guidance").map(LayerGuidance::readAll).orElse(Map.of()),
                new ScoredRow.Seconds(
                        row.get("calibration_seconds").number(),
                        row.get("merge_seconds").number(),
                        row.get("evaluation_seconds").number()),
                Optional.empty(),
                true);
    }

    private static ScoredRow.Scores scores(String name, boolean isText, Node metrics) {
        List<Score> scores = new ArrayList<>();
        metrics.mapping()
                .forEach((metric, score) -> scores.add(new Score(
                        metric,
                        score.get("value").number(),
                        score.find("standard_error").map(Node::number).orElse(Double.NaN),
                        score.get("count").integer(0, Integer.MAX_VALUE))));
        return new ScoredRow.Scores(name, isText, scores);
    }
}
