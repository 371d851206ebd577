package org.lewis.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.lewis.evaluate.Score;

/// The scores of models side by side. Every model has the same facts and the same scores, in the same order.
public final class ScoreFigures {

    private static final int DIGITS = 3;
    private static final String SHARE = "share";

    private ScoreFigures() {}

    /// A row for each model, with standard errors; the best number of a column is bold, the second underlined.
    ///
    /// @param facts  what the models' facts are called, such as `method`
    /// @param models at least one
    public static Section table(String title, String note, List<String> facts, List<ScoredModel> models) {
        boolean anyKept = models.stream().anyMatch(model -> !Double.isNaN(model.kept()));
        List<Column> columns = new ArrayList<>(List.of(Column.text("model")));
        facts.forEach(fact -> columns.add(Column.text(fact)));
        if (anyKept) {
            columns.add(Column.number("kept", DIGITS));
        }
        for (ScoredModel.TaskScore score : models.getFirst().scores()) {
            columns.add(
                    score.score().higherIsBetter()
                            ? Column.higherIsBetter(score.title(), DIGITS)
                            : Column.lowerIsBetter(score.title(), DIGITS));
        }
        List<List<Cell>> rows = new ArrayList<>();
        for (ScoredModel model : models) {
            List<Cell> row = new ArrayList<>(List.of(Cell.of(model.name())));
            model.facts().forEach(fact -> row.add(Cell.of(fact)));
            if (anyKept) {
                row.add(Cell.of(model.kept()));
            }
            model.scores()
                    .forEach(score ->
                            row.add(Cell.of(score.score().value(), score.score().standardError())));
            rows.add(row);
        }
        return new Section.Table(title, note, columns, rows);
    }

    /// A group of bars for each model and a bar for each score of which more is better, with standard errors.
    ///
    /// @param measure what the bars' height says
    /// @param models  at least one
    public static Section bars(String title, String note, String measure, List<ScoredModel> models) {
        List<ScoredModel.TaskScore> first = models.getFirst().scores();
        List<Series> series = IntStream.range(0, first.size())
                .filter(i -> first.get(i).score().higherIsBetter())
                .mapToObj(i -> series(first.get(i).title(), i, models))
                .toList();
        return new Section.Bars(
                title,
                note,
                new Axis("", models.stream().map(ScoredModel::label).toList()),
                measure,
                series);
    }

    /// Bars for scores of one scale together: all shares, then the first other score of each task by its metric.
    ///
    /// @param models at least one; a score's title ends with its metric
    public static List<Section> bars(String note, List<ScoredModel> models) {
        List<ScoredModel.TaskScore> first = models.getFirst().scores();
        Map<String, List<Integer>> scales = new LinkedHashMap<>();
        Set<String> tasks = new HashSet<>();
        for (int i = 0; i < first.size(); i++) {
            if (isShare(i, models)) {
                scales.computeIfAbsent(SHARE, _ -> new ArrayList<>()).add(i);
            } else if (tasks.add(task(first.get(i)))) {
                String metric = first.get(i).score().metric();
                scales.computeIfAbsent(metric, _ -> new ArrayList<>()).add(i);
            }
        }
        return scales.entrySet().stream()
                .map(scale -> bars(scale.getKey(), scale.getValue(), note, models))
                .toList();
    }

    private static Section bars(String scale, List<Integer> scores, String note, List<ScoredModel> models) {
        ScoredModel.TaskScore first = models.getFirst().scores().get(scores.getFirst());
        String words = scale.equals("bleu") ? "BLEU" : scale.replace('_', ' ');
        String title = scale.equals(SHARE) ? "shares" : words;
        return new Section.Bars(
                Character.toUpperCase(title.charAt(0))
                        + title.substring(1)
                        + (scores.size() == 1 ? " in " + task(first) : ""),
                (first.score().higherIsBetter() ? "Higher is better. " : "Lower is better. ") + note,
                new Axis("", models.stream().map(ScoredModel::label).toList()),
                words,
                scores.stream()
                        .map(i -> series(models.getFirst().scores().get(i).title(), i, models))
                        .toList());
    }

    private static String task(ScoredModel.TaskScore score) {
        String title = score.title();
        return title.substring(0, title.length() - score.score().metric().length())
                .strip();
    }

    /// The brevity penalty is one too, but says little beside them.
    private static boolean isShare(int score, List<ScoredModel> models) {
        List<Score> all =
                models.stream().map(model -> model.scores().get(score).score()).toList();
        return all.getFirst().higherIsBetter()
                && !all.getFirst().metric().equals("brevity_penalty")
                && all.stream().allMatch(each -> Double.isNaN(each.value()) || Math.abs(each.value()) <= 1);
    }

    /// A row for each model: how long it took to merge and to score it.
    ///
    /// @param facts what the models' facts are called
    public static Section times(String title, String note, List<String> facts, List<ScoredModel> models) {
        List<Column> columns = new ArrayList<>(List.of(Column.text("model")));
        facts.forEach(fact -> columns.add(Column.text(fact)));
        columns.add(Column.number("merging, s", 2));
        columns.add(Column.number("scoring, s", 2));
        List<List<Cell>> rows = new ArrayList<>();
        for (ScoredModel model : models) {
            List<Cell> row = new ArrayList<>(List.of(Cell.of(model.name())));
            model.facts().forEach(fact -> row.add(Cell.of(fact)));
            row.add(Cell.of(model.mergeSeconds()));
            row.add(Cell.of(model.scoreSeconds()));
            rows.add(row);
        }
        return new Section.Table(title, note, columns, rows);
    }

    private static Series series(String title, int score, List<ScoredModel> models) {
        List<Score> scores =
                models.stream().map(model -> model.scores().get(score).score()).toList();
        return Series.of(title, scores.stream().mapToDouble(Score::value).toArray())
                .withErrors(scores.stream().mapToDouble(Score::standardError).toArray());
    }
}
