package org.lewis.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.evaluate.Score;

class ReportTest {

    @Test
    void pagesAreWrittenWholeAndAlwaysTheSame(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("new/report.html");
        Samples.report().write(file);
        assertThat(file).hasContent(Samples.report().html());
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void pagesNameNoOtherFileAndNoSite() {
        String page = Samples.report().html();
        String own = withoutScripts(page);
        assertThat(own).doesNotContain("http://", "https://", "url(", "@import").doesNotContainPattern("src=");
        assertThat(own).containsOnlyOnce("<link ").contains("<link rel=\"icon\" href=\"data:,\">");
        assertThat(page).contains("content=\"default-src 'none'; script-src 'sha256-");
    }

    @Test
    void theBestNumberIsBoldAndTheSecondUnderlined() {
        String html = table(Column.higherIsBetter("score", 2), 0.301, 0.9, 0.5);
        assertThat(html).contains("<strong>0.90</strong>", "<u>0.50</u>", ">0.30<");
        html = table(Column.lowerIsBetter("loss", 2), 0.301, 0.9, 0.5);
        assertThat(html).contains("<strong>0.30</strong>", "<u>0.50</u>", ">0.90<");
    }

    @Test
    void numbersThatLookAlikeRankAlike() {
        assertThat(table(Column.higherIsBetter("score", 2), 0.9001, 0.9004, 0.5, 0.4))
                .containsPattern("(?s)<strong>0.90</strong>.*<strong>0.90</strong>.*<u>0.50</u>")
                .doesNotContain("<u>0.90</u>");
    }

    @Test
    void nothingIsMarkedWhereNothingStandsOut() {
        assertThat(table(Column.higherIsBetter("score", 2), 0.5)).doesNotContain("<strong>", "<u>");
        assertThat(table(Column.higherIsBetter("score", 2), 0.5, 0.5)).doesNotContain("<strong>", "<u>");
        assertThat(table(Column.number("size", 0), 1, 2, 3)).doesNotContain("<strong>", "<u>");
        assertThat(table(Column.higherIsBetter("score", 2), 0.5, Double.NaN, 0.4))
                .contains("<strong>0.50</strong>", ">–<")
                .doesNotContain("<u>");
    }

    @Test
    void numbersDoNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(table(Column.number("size", 1), 1234.5)).contains(">1234.5<");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void markupInNamesIsText() {
        String page = withoutScripts(Samples.hostile().html());
        assertThat(page).doesNotContain("<script>document", "<img").contains("&lt;/script&gt;", "\\u003c/script>");
    }

    @Test
    void chartsWhosePartsDoNotFitAreRefused() {
        Axis two = new Axis("", List.of("a", "b"));
        assertThatThrownBy(() -> new Section.Bars("Bars", "", two, "", List.of(Series.of("s", 1, 2, 3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Bars: s: 3 values but 2 labels");
        assertThatThrownBy(() -> Section.HeatMap.of("Map", "", two, two, new double[][] {{1, 2}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Map: 1 rows but 2 row names");
        assertThatThrownBy(() -> new Section.Table(
                        "Table", "", List.of(Column.text("a")), List.of(List.of(Cell.of("x"), Cell.of("y")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Table: 2 cells in a row but 1 columns");
    }

    @Test
    void histogramsHaveRisingEdges() {
        assertThatThrownBy(() -> histogram(true, 0.0, 1.0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Sizes: expected rising edges, found 0.0 after 0.0");
        assertThatThrownBy(() -> histogram(false, 1.0, Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Sizes: expected rising edges, found NaN after 1.0");
        assertThatThrownBy(() -> histogram(false, 0.0, 1.0, 2.0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Sizes: s: 1 values but 2 labels");
        assertThat(new Report("", "", List.of(histogram(false, 0.0, 0.5))).html())
                .contains("0.00 to 0.500");
    }

    private static Section histogram(boolean logarithmic, Double... edges) {
        return new Section.Histogram(
                "Sizes", "", "size", logarithmic, List.of(edges), List.of(Series.of("s", 1)), List.of());
    }

    @Test
    void zeroIsInTheMiddleOfSignedColours() {
        Axis two = new Axis("", List.of("a", "b"));
        Section.HeatMap map = Section.HeatMap.signed("Map", "", two, two, new double[][] {{1, -3}, {Double.NaN, 2}});
        assertThat(map.min()).isEqualTo(-3);
        assertThat(map.max()).isEqualTo(3);
        assertThat(Section.HeatMap.signed("Map", "", two, two, new double[2][2]).max())
                .isEqualTo(1);
    }

    @Test
    void longDocumentsAreFolded() {
        String fold = "<details><summary>41 lines</summary><pre";
        assertThat(page("line\n".repeat(41))).contains(fold);
        assertThat(page("line\n".repeat(40))).doesNotContain("<details>").contains("<pre");
    }

    private static String page(String document) {
        return withoutScripts(new Report("", "", List.of(new Section.Code("Recipe", document))).html());
    }

    @Test
    void scoresBecomeATableAndBars() {
        Score score = new Score("pass@1", 0.5, 0.1, 25);
        Score perplexity = Score.withoutError("target_perplexity", 1.5, 25);
        List<ScoredModel.TaskScore> scores = List.of(
                new ScoredModel.TaskScore("code", "pass@1", score),
                new ScoredModel.TaskScore("code", "ppl", perplexity));
        ScoreFigures figures = new ScoreFigures(
                List.of("bounds"),
                List.of(scored("base", "", Double.NaN, scores), scored("merged", "0.3-0.8", 0.467, scores)));
        Section.Table table = (Section.Table) figures.tables("").getFirst();
        assertThat(table.columns())
                .containsExactly(
                        Column.text("model"),
                        Column.text("bounds"),
                        Column.number("kept", 3),
                        Column.higherIsBetter("code pass@1", 3),
                        Column.lowerIsBetter("code ppl", 3));
        assertThat(table.rows().get(1))
                .containsExactly(
                        Cell.of("merged"),
                        Cell.of("0.3-0.8"),
                        Cell.of(0.467),
                        Cell.of(0.5, 0.1),
                        Cell.of(1.5, Double.NaN));
        Section.Table times = (Section.Table) figures.times("Time", "");
        assertThat(times.rows().get(1))
                .containsExactly(Cell.of("merged"), Cell.of("0.3-0.8"), Cell.of(0.467), Cell.of(12));
        List<Section> charts = figures.bars("");
        assertThat(charts).extracting(Section::title).containsExactly("Shares in code", "Target perplexity in code");
        Section.Bars bars = (Section.Bars) charts.getFirst();
        assertThat(bars.groups().labels()).containsExactly("base", "0.3-0.8\n0.47 kept");
        assertThat(bars.series())
                .containsExactly(Series.of("code pass@1", 0.5, 0.5).withErrors(0.1, 0.1));
    }

    @Test
    void scoresThatOneTableHasNoRoomForGetOneForEachTask() {
        Score score = Score.withoutError("perplexity", 1.5, 25);
        List<ScoredModel.TaskScore> scores = List.of(
                new ScoredModel.TaskScore("math", "ppl", score),
                new ScoredModel.TaskScore("math", "loss", score),
                new ScoredModel.TaskScore("code", "ppl", score),
                new ScoredModel.TaskScore("code", "loss", score),
                new ScoredModel.TaskScore("", "mean ppl", score));
        ScoredModel merged = scored("merged", "0.3-0.8", 0.5, scores);
        List<Section> tables = new ScoreFigures(List.of("bounds"), List.of(merged)).tables("Less is better.");
        assertThat(tables)
                .extracting(
                        Section::title,
                        table -> ((Section.Table) table).note(),
                        table -> ((Section.Table) table)
                                .columns().stream().map(Column::name).toList())
                .containsExactly(
                        tuple(
                                "Scores over all tasks",
                                "Less is better.",
                                List.of("model", "bounds", "kept", "mean ppl")),
                        tuple("Scores in math", "", List.of("model", "bounds", "kept", "ppl", "loss")),
                        tuple("Scores in code", "", List.of("model", "bounds", "kept", "ppl", "loss")));
        ScoredModel untold = new ScoredModel("merged", List.of(), 0.5, scores, 0.5, 12);
        assertThat(new ScoreFigures(List.of(), List.of(untold)).tables("")).hasSize(1);
        assertThatThrownBy(() -> new ScoreFigures(List.of("bounds"), List.of(merged, untold)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("merged: other facts or scores than those of merged");
    }

    private static ScoredModel scored(String name, String bounds, double kept, List<ScoredModel.TaskScore> scores) {
        return new ScoredModel(name, List.of(bounds), kept, scores, kept, 12);
    }

    private static String withoutScripts(String page) {
        return page.replaceAll("(?s)<script>.*?</script>", "");
    }

    private static String table(Column column, double... values) {
        List<List<Cell>> rows = java.util.Arrays.stream(values)
                .mapToObj(value -> List.of(Cell.of(value)))
                .toList();
        return TableHtml.of(List.of(column), rows);
    }
}
