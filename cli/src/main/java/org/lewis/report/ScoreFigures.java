package org.lewis.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lewis.evaluate.Score;

/// The scores of models side by side.
///
/// @param facts  what the models' facts are called, such as `method`
/// @param models at least one; all have these facts and the same scores, in the same order
public record ScoreFigures(List<String> facts, List<ScoredModel> models) {

    private static final int DIGITS = 3;
    private static final String SHARE = "share";

    /// Facts and scores; more do not fit a page with the model's name and the share that was kept.
    private static final int COLUMNS = 5;

    public ScoreFigures {
        facts = List.copyOf(facts);
        models = List.copyOf(models);
        for (ScoredModel model : models) {
            if (model.facts().size() != facts.size()
                    || model.scores().size() != models.getFirst().scores().size()) {
                throw new IllegalArgumentException(model.name() + ": other facts or scores than those of "
                        + models.getFirst().name());
            }
        }
    }

    /// A row for each model, with standard errors; the best number of a column is bold, the second underlined. In one
    /// table, or where that would be too wide, in one for each task and first of all one for scores over all tasks.
    public List<Section> tables(String note) {
        List<ScoredModel.TaskScore> scores = pattern();
        if (facts.size() + scores.size() <= COLUMNS) {
            List<Integer> all = IntStream.range(0, scores.size()).boxed().toList();
            return List.of(table("Scores", note, all, ScoredModel.TaskScore::title));
        }
        Map<String, List<Integer>> byTask = new LinkedHashMap<>();
        for (int i = 0; i < scores.size(); i++) {
            byTask.computeIfAbsent(scores.get(i).task(), _ -> new ArrayList<>()).add(i);
        }
        List<Section> tables = new ArrayList<>();
        Optional.ofNullable(byTask.remove(""))
                .ifPresent(ofAll ->
                        tables.add(table("Scores over all tasks", note, ofAll, ScoredModel.TaskScore::metric)));
        byTask.forEach((task, ofTask) -> tables.add(
                table("Scores in " + task, tables.isEmpty() ? note : "", ofTask, ScoredModel.TaskScore::metric)));
        return tables;
    }

    /// @param chosen scores by their places
    /// @param header of a score's column
    private Section table(
            String title, String note, List<Integer> chosen, Function<ScoredModel.TaskScore, String> header) {
        boolean anyKept = models.stream().anyMatch(model -> !Double.isNaN(model.kept()));
        Stream<Column> kept = anyKept ? Stream.of(Column.number("kept", DIGITS)) : Stream.empty();
        Stream<Column> scores = chosen.stream().map(pattern()::get).map(score -> column(header.apply(score), score));
        return table(title, note, Stream.concat(kept, scores), model -> {
            Stream<Cell> share = anyKept ? Stream.of(Cell.of(model.kept())) : Stream.empty();
            return Stream.concat(
                    share,
                    chosen.stream()
                            .map(i -> model.scores().get(i).score())
                            .map(score -> Cell.of(score.value(), score.standardError())));
        });
    }

    private static Column column(String header, ScoredModel.TaskScore score) {
        return score.score().higherIsBetter()
                ? Column.higherIsBetter(header, DIGITS)
                : Column.lowerIsBetter(header, DIGITS);
    }

    /// Names and facts, and what else there is to say.
    private Section table(
            String title, String note, Stream<Column> columns, Function<ScoredModel, Stream<Cell>> cells) {
        Stream<Column> first = Stream.concat(Stream.of("model"), facts.stream()).map(Column::text);
        List<List<Cell>> rows = models.stream()
                .map(model -> {
                    Stream<Cell> told = Stream.concat(Stream.of(model.name()), model.facts().stream())
                            .map(Cell::of);
                    return Stream.concat(told, cells.apply(model)).toList();
                })
                .toList();
        return new Section.Table(title, note, Stream.concat(first, columns).toList(), rows);
    }

    /// Bars for scores of one scale together, with standard errors: all shares, then the first other score of each task
    /// by its metric.
    public List<Section> bars(String note) {
        List<ScoredModel.TaskScore> scores = pattern();
        Map<String, List<Integer>> scales = new LinkedHashMap<>();
        Set<String> tasks = new HashSet<>();
        for (int i = 0; i < scores.size(); i++) {
            if (isShare(i)) {
                scales.computeIfAbsent(SHARE, _ -> new ArrayList<>()).add(i);
            } else if (tasks.add(scores.get(i).task())) {
                String metric = scores.get(i).score().metric();
                scales.computeIfAbsent(metric, _ -> new ArrayList<>()).add(i);
            }
        }
        return scales.entrySet().stream()
                .map(scale -> bars(scale.getKey(), scale.getValue(), note))
                .toList();
    }

    private Section bars(String scale, List<Integer> chosen, String note) {
        ScoredModel.TaskScore first = pattern().get(chosen.getFirst());
        String words = scale.equals("bleu") ? "BLEU" : scale.replace('_', ' ');
        String title = scale.equals(SHARE) ? "shares" : words;
        return new Section.Bars(
                Character.toUpperCase(title.charAt(0))
                        + title.substring(1)
                        + (chosen.size() == 1 ? " in " + first.task() : ""),
                (first.score().higherIsBetter() ? "Higher is better. " : "Lower is better. ") + note,
                new Axis("", models.stream().map(ScoredModel::label).toList()),
                words,
                chosen.stream().map(this::series).toList());
    }

    /// The brevity penalty is one too, but says little beside them.
    private boolean isShare(int score) {
        List<Score> all = scores(score);
        return all.getFirst().higherIsBetter()
                && !all.getFirst().metric().equals("brevity_penalty")
                && all.stream().allMatch(each -> Double.isNaN(each.value()) || Math.abs(each.value()) <= 1);
    }

    private Series series(int score) {
        List<Score> all = scores(score);
        return Series.of(
                        pattern().get(score).title(),
                        all.stream().mapToDouble(Score::value).toArray())
                .withErrors(all.stream().mapToDouble(Score::standardError).toArray());
    }

    /// A row for each model: how long it took to merge and to score it.
    public Section times(String title, String note) {
        return table(
                title,
                note,
                Stream.of(Column.number("merging, s", 2), Column.number("scoring, s", 2)),
                model -> Stream.of(Cell.of(model.mergeSeconds()), Cell.of(model.scoreSeconds())));
    }

    private List<ScoredModel.TaskScore> pattern() {
        return models.getFirst().scores();
    }

    private List<Score> scores(int score) {
        return models.stream().map(model -> model.scores().get(score).score()).toList();
    }
}
