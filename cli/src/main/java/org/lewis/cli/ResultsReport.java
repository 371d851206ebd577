package org.lewis.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lewis.evaluate.Score;
import org.lewis.guidance.LayerGuidance;
import org.lewis.report.Cell;
import org.lewis.report.Column;
import org.lewis.report.GuidanceFigures;
import org.lewis.report.Report;
import org.lewis.report.ScoreFigures;
import org.lewis.report.ScoredModel;
import org.lewis.report.Section;

/// Saved results as a page.
record ResultsReport(SavedResults results) {

    Report html() {
        List<ScoredModel> models = models();
        ScoreFigures scores = new ScoreFigures(List.of(), models);
        List<Section> sections = new ArrayList<>(scores.tables(
                "In each column the best number is bold and the second underlined; after ± stands one standard"
                        + " error."));
        sections.addAll(scores.bars("Bars show one standard error."));
        sections.addAll(guidance());
        if (models.stream().anyMatch(model -> !Double.isNaN(model.mergeSeconds()))) {
            sections.add(scores.times("Time", ""));
        }
        if (results.models().stream().anyMatch(model -> model.speed().isPresent())) {
            sections.add(speed());
        }
        results.documents().forEach((title, body) -> sections.add(new Section.Code(title, body)));
        return new Report(
                models.size() == 1 ? "Scores of " + models.getFirst().name() : "Scores of " + models.size() + " models",
                "From " + results.sources().stream().map(Object::toString).collect(Collectors.joining(", ")) + ".",
                sections);
    }

    private List<ScoredModel> models() {
        Map<String, String> names = shortNames();
        List<SavedResults.Column> columns = results.columns();
        return results.models().stream()
                .map(model -> new ScoredModel(
                        names.get(model.name()),
                        List.of(),
                        model.kept(),
                        columns.stream()
                                .map(column ->
                                        new ScoredModel.TaskScore(column.task(), column.metric(), score(model, column)))
                                .toList(),
                        model.mergeSeconds(),
                        model.scoreSeconds()))
                .toList();
    }

    private List<Section> guidance() {
        Map<String, Map<String, LayerGuidance>> merges = new LinkedHashMap<>();
        results.models().forEach(model -> merges.put(model.name(), model.layers()));
        return GuidanceFigures.merges(merges);
    }

    private static Score score(SavedResults.Model model, SavedResults.Column column) {
        return model.scores().getOrDefault(column, Score.withoutError(column.metric(), Double.NaN, 0));
    }

    /// The last part of a path, where only one model has it.
    private Map<String, String> shortNames() {
        Map<String, Long> sharing = results.models().stream()
                .collect(Collectors.groupingBy(model -> last(model.name()), Collectors.counting()));
        Map<String, String> names = new LinkedHashMap<>();
        for (SavedResults.Model model : results.models()) {
            String last = last(model.name());
            names.put(model.name(), sharing.get(last) == 1 ? last : model.name());
        }
        return names;
    }

    private static String last(String name) {
        String trimmed = name.replaceFirst("/+$", "");
        String last = trimmed.substring(trimmed.lastIndexOf('/') + 1);
        return last.isEmpty() || last.endsWith(")") ? name : last;
    }

    private Section speed() {
        List<Column> columns = List.of(
                Column.text("model"),
                Column.number("tokens read", 0),
                Column.number("per second", 0),
                Column.number("tokens generated", 0),
                Column.number("per second ", 0));
        Map<String, String> names = shortNames();
        List<List<Cell>> rows = results.models().stream()
                .filter(model -> model.speed().isPresent())
                .map(model -> {
                    SavedResults.Speed speed = model.speed().get();
                    return List.of(
                            Cell.of(names.get(model.name())),
                            Cell.of(speed.read()),
                            Cell.of(speed.readRate()),
                            Cell.of(speed.generated()),
                            Cell.of(speed.generatedRate()));
                })
                .toList();
        return new Section.Table("Speed", "All texts of a batch together.", columns, rows);
    }
}
