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
import org.lewis.compare.Comparison;
import org.lewis.compare.ComparisonOptions;
import org.lewis.compare.ScoredRow;
import org.lewis.evaluate.Score;
import org.lewis.guidance.LayerGuidance;
import org.lewis.report.DifferenceFigures;
import org.lewis.report.GuidanceFigures;
import org.lewis.report.Report;
import org.lewis.report.ScoreFigures;
import org.lewis.report.ScoredModel;
import org.lewis.report.Section;

/// The results of a comparison as a table for the terminal and as a page.
record ComparisonReport(ComparisonOptions options, Comparison.Result result) {

    /// A column of numbers.
    ///
    /// @param task  empty for a score over all texts
    /// @param shown whether the terminal has room for it
    private record Measure(String task, String metric, Score score, boolean shown) {}

    /// @param console whose terminal may be able to print bold
    String text(Console console) {
        List<List<Measure>> measures =
                result.rows().stream().map(this::measures).toList();
        List<TextTable.Column> columns = new ArrayList<>(List.of(new TextTable.Column("", "kept")));
        measures.getFirst().stream()
                .filter(Measure::shown)
                .forEach(measure -> columns.add(new TextTable.Column(measure.task(), measure.metric())));
        columns.add(new TextTable.Column("", "merge s"));
        columns.add(new TextTable.Column("", "evaluation s"));
        TextTable table = TextTable.of("model", columns);
        for (int i = 0; i < result.rows().size(); i++) {
            ScoredRow row = result.rows().get(i);
            List<String> cells = new ArrayList<>(List.of(row.name(), number(row.kept(), "%.3f")));
            List<Measure> own = measures.get(i);
            for (int j = 0; j < own.size(); j++) {
                if (own.get(j).shown()) {
                    boolean best = isBest(i, j, measures);
                    String cell = score(own.get(j).score());
                    cells.add(best ? console.strong(cell) : cell);
                }
            }
            boolean isMerge =
                    row.kind() == ScoredRow.Kind.MERGE && row.failure().isEmpty();
            cells.add(isMerge ? number(row.seconds().merge(), "%.1f") : "");
            cells.add(
                    row.failure().isPresent() ? "failed" : number(row.seconds().evaluation(), "%.1f"));
            table.add(cells);
        }
        return table
                + result.best()
                        .map(best -> "best by " + result.criterion().name() + ": " + best.name() + "\n")
                        .orElse("no merge succeeded\n");
    }

    /// A sentence for each merge that failed.
    List<String> failures() {
        return result.rows().stream()
                .filter(row -> row.failure().isPresent())
                .map(row -> row.name() + ": " + row.failure().get())
                .toList();
    }

    /// @param differences of the fine-tunes
    Report html(DifferenceFigures differences) throws IOException {
        ScoreFigures scores = new ScoreFigures(
                List.of(), result.rows().stream().map(this::scored).toList());
        List<Section> sections = new ArrayList<>(scores.tables(
                "Kept is the share of the linear layers' task vectors that survives the trim. Perplexity and loss are"
                        + " better when small."));
        sections.addAll(scores.bars("Bars show one standard error."));
        sections.addAll(guidance());
        sections.addAll(differences.sections(options.settings().density()));
        sections.add(scores.times("Time", "Merging includes neither calibration nor evaluation."));
        if (!result.isWhole()) {
            sections.add(new Section.Text("What failed", String.join("\n\n", failures())));
        }
        for (String name : result.rows().stream().map(ScoredRow::name).toList()) {
            Path recipe = options.output().resolve("recipes").resolve(name + ".yaml");
            if (Files.exists(recipe)) {
                sections.add(new Section.Code("Recipe of " + name, Files.readString(recipe)));
            }
        }
        return new Report(
                "Merges of "
                        + String.join(
                                ", ",
                                options.fineTunes().stream()
                                        .map(model -> model.name())
                                        .toList()),
                "Fine-tunes of " + options.base() + ", merged in several ways and evaluated side by side."
                        + result.best()
                                .map(best ->
                                        " The best by " + result.criterion().name() + " is " + best.name() + ".")
                                .orElse(""),
                sections);
    }

    private List<Section> guidance() {
        Map<String, Map<String, LayerGuidance>> merges = new LinkedHashMap<>();
        result.rows().forEach(row -> merges.put(row.name(), row.layers()));
        return GuidanceFigures.merges(merges);
    }

    private ScoredModel scored(ScoredRow row) {
        boolean isMerge = row.kind() == ScoredRow.Kind.MERGE;
        return new ScoredModel(
                row.name(),
                List.of(),
                row.kept(),
                measures(row).stream()
                        .map(measure -> new ScoredModel.TaskScore(measure.task(), measure.metric(), measure.score()))
                        .toList(),
                isMerge ? row.seconds().merge() : Double.NaN,
                row.failure().isPresent() ? Double.NaN : row.seconds().evaluation());
    }

    /// The same for every row; NaN where there is no score.
    private List<Measure> measures(ScoredRow row) {
        ScoredRow pattern = result.rows().stream()
                .filter(each -> each.failure().isEmpty())
                .findFirst()
                .orElseThrow();
        List<Measure> measures = new ArrayList<>();
        for (ScoredRow.Scores scores : pattern.scores()) {
            for (Score score : scores.scores()) {
                Score own = find(row, scores.name(), score.metric())
                        .orElseGet(() -> Score.withoutError(score.metric(), Double.NaN, 0));
                measures.add(new Measure(
                        scores.name(),
                        abbreviated(score.metric()),
                        own,
                        !scores.isText() || !score.metric().equals(ScoredRow.LOSS)));
            }
        }
        if (options.texts().size() > 1) {
            measures.add(new Measure(
                    "", "mean ppl", Score.withoutError(ScoredRow.PERPLEXITY, row.meanPerplexity(), 0), true));
        }
        return measures;
    }

    private static String abbreviated(String metric) {
        return metric.replace(ScoredRow.PERPLEXITY, "ppl");
    }

    private static Optional<Score> find(ScoredRow row, String name, String metric) {
        return row.scores().stream()
                .filter(scores -> scores.name().equals(name))
                .flatMap(scores -> scores.scores().stream())
                .filter(score -> score.metric().equals(metric))
                .findFirst();
    }

    /// Whether no merge has a better number in this column; parents do not compete.
    private boolean isBest(int row, int column, List<List<Measure>> measures) {
        Measure own = measures.get(row).get(column);
        if (result.rows().get(row).kind() != ScoredRow.Kind.MERGE
                || Double.isNaN(own.score().value())) {
            return false;
        }
        double sign = own.score().higherIsBetter() ? 1 : -1;
        for (int i = 0; i < measures.size(); i++) {
            double other = measures.get(i).get(column).score().value();
            if (result.rows().get(i).kind() == ScoredRow.Kind.MERGE
                    && sign * other > sign * own.score().value()) {
                return false;
            }
        }
        return true;
    }

    private static String score(Score score) {
        return Double.isNaN(score.value()) ? "" : TextTable.score(score);
    }

    private static String number(double value, String format) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
    }
}
