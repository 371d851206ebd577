package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {

    private static final Pattern ROW = Pattern.compile("(?s)<tr><th scope=\"row\"[^>]*>(\\w+)</th>.*?</tr>");

    @TempDir
    Path folder;

    private Path page;

    @BeforeEach
    void write() throws IOException {
        page = folder.resolve("new/report.html");
        file("math/results.json", """
            {"models/base": {"gsm8k": {"strict_match": {"value": 0.25, "standard_error": 0.1, "count": 20}}},
             "models/math": {"gsm8k": {"strict_match": {"value": 0.75, "standard_error": null, "count": 20}}}}
            """);
        file("math/throughput.json", """
            {"models/base": {"gsm8k": {"prompt_tokens": 300, "prompt_tokens_per_second": 100.0,
              "new_tokens": 50, "new_tokens_per_second": 5.0}}}
            """);
        file("text/results.json", """
            {"models/base": {"wiki": {"perplexity": {"value": 9.5, "standard_error": 0.5, "count": 20}}}}
            """);
        file("compared/comparison_results.json", """
            {"base": "models/base", "best": "ties", "rows": [
              {"name": "base", "kind": "base", "texts": {"wiki": {"loss": {"value": 2.5, "standard_error": 0.1,
               "count": 9}}}, "tasks": {}, "merge_seconds": 0, "evaluation_seconds": 2.0},
              {"name": "ties", "kind": "merge", "kept_share": 0.5, "texts": {"wiki": {"loss": {"value": 1.5,
               "standard_error": 0.1, "count": 9}}}, "tasks": {}, "merge_seconds": 1.5, "evaluation_seconds": 2.0},
              {"name": "dare", "kind": "merge", "failure": "no room", "texts": {}, "tasks": {}}]}
            """);
        file("compared/recipes/ties.yaml", "merge_method: ties\n");
    }

    private void file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private String report(String... places) throws IOException {
        String[] arguments = new String[places.length + 3];
        arguments[0] = "report";
        for (int i = 0; i < places.length; i++) {
            arguments[i + 1] = folder.resolve(places[i]).toString();
        }
        arguments[places.length + 1] = "-o";
        arguments[places.length + 2] = page.toString();
        assertThat(Cli.run(arguments)).isEqualTo(new Cli.Result(Main.DONE, page + System.lineSeparator(), ""));
        return Files.readString(page);
    }

    @Test
    void resultsOfOneModelStandInOneRow() throws IOException {
        String html = report("math", "text/results.json");
        assertThat(html)
                .contains("<h1>Scores of 2 models</h1>", "gsm8k strict_match", "wiki perplexity")
                .contains("<h2>Shares in gsm8k</h2>", "<h2>Perplexity in wiki</h2>", "<h2>Speed</h2>")
                .contains("0.250 <span class=\"error\">± 0.100</span>")
                .contains("<strong>0.750</strong></td><td class=\"number\">–</td>");
        assertThat(ROW.matcher(html).results().map(row -> row.group(1)).limit(2))
                .containsExactly("base", "math");
    }

    @Test
    void scoresOfOneTaskTwiceStandInTwoRows() throws IOException {
        file("again/results.json", Files.readString(folder.resolve("text/results.json")));
        assertThat(report("text", "again")).contains("models/base (" + folder.resolve("again/results.json") + ")");
    }

    @Test
    void comparisonsBringTheirRecipesAndWhatFailed() throws IOException {
        assertThat(report("compared"))
                .contains("<h1>Scores of 2 models</h1>", "kept", "<h2>Time</h2>", "<h2>Loss in wiki</h2>")
                .contains("<h2>Recipe of ties</h2>", "merge_method: ties")
                .contains("<h2>What failed: dare</h2>", "no room");
    }

    private static String guided(String text, String densities) {
        return """
            {"rows": [{"name": "lewis-ties", "kind": "merge", "kept_share": 0.5, "merge_seconds": 1.5,
              "evaluation_seconds": 2.0, "tasks": {}, "texts": {"%s": {"loss": {"value": 1.5, "standard_error": 0.1,
              "count": 9}}}, "guidance": {"math": {"components": ["q_proj"], "base_importance": [[1], [2]],
              "importance": [[2], [5]], "densities": %s}}}]}
            """.formatted(text, densities);
    }

    @Test
    void comparisonsBringWhatGuidedTheirMerges() throws IOException {
        file("a/comparison_results.json", guided("wiki", "[[0.3], [0.8]]"));
        file("b/comparison_results.json", guided("books", "[[0.3], [0.8]]"));
        assertThat(report("a", "b"))
                .contains("<h1>Scores of lewis-ties</h1>", "wiki loss", "books loss")
                .contains("<h2>Importance in math</h2>", "<h2>How far math moved</h2>", "<h2>Densities of math</h2>")
                .contains("keeps in lewis-ties: more");

        file("b/comparison_results.json", guided("books", "[[0.8], [0.3]]"));
        assertThat(report("a", "b"))
                .contains("<h1>Scores of 2 models</h1>", "keeps in lewis-ties: more")
                .contains("keeps in lewis-ties (" + folder.resolve("b/comparison_results.json") + "): more");

        file("b/comparison_results.json", guided("books", "[[0.8]]"));
        assertThat(Cli.run("report", folder + "/b", "-o", page.toString()).err())
                .startsWith("error: no results of evaluate or compare: " + folder + "/b/comparison_results.json:3:39: ")
                .contains("densities of 1 layers");
    }

    @Test
    void tablesOfNoLayerHaveNothingToShow() throws IOException {
        file("a/comparison_results.json", guided("wiki", "[]").replaceAll("\\[\\[\\d], \\[\\d]]", "[]"));
        report("a");
    }

    @Test
    void whatIsNoResultIsRefused() throws IOException {
        file("other/results.json", "{\"a\": [1]}");
        String other = folder.resolve("other").toString();
        assertThat(Cli.run("report", other, "-o", page.toString()))
                .isEqualTo(new Cli.Result(
                        Main.FAILED,
                        "",
                        "error: no results of evaluate or compare: " + other
                                + "/results.json:1:7: a: expected a mapping, found a list of 1\n"));
        assertThat(Cli.run("report", folder + "/none", "-o", page.toString()).err())
                .isEqualTo(
                        "error: " + folder + "/none: no such results, neither a file nor a folder with results.json or"
                                + " comparison_results.json\n");
        assertThat(Cli.run("report", other).err()).startsWith("error: -o says where the page goes");
        assertThat(Cli.run("report", "a.html", "-o", "b.html").err())
                .startsWith("error: of a finished report only charts can be made: one FILE.html and --charts DIR");
        String occupied = folder.resolve("math/results.json").toString();
        assertThat(Cli.run("report", folder + "/math", "-o", page.toString(), "--charts", occupied))
                .isEqualTo(new Cli.Result(
                        Main.FAILED, "", "error: " + occupied + ": is a file, not a folder for charts\n"));
        assertThat(page).doesNotExist();
    }
}
