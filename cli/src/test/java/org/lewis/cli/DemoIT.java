package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.forward.LanguageModel;
import org.lewis.recipe.Recipe;

/// `./lewis demo` on a few problems.
@DisabledOnOs(OS.WINDOWS)
class DemoIT {

    private static final List<String> MERGES =
            List.of("guided-0.3-0.8", "guided-0.5-1.0", "uniform-0.5", "uniform-like-0.3-0.8", "uniform-like-0.5-1.0");

    @TempDir
    Path folder;

    @Test
    void theWholeWayLeavesModelsRecipesTablesAndAReport() throws Exception {
        Path demo = folder.resolve("demo");
        // What an earlier demo left, and something that the user put beside it.
        Files.createDirectories(demo.resolve("models/old"));
        Files.writeString(demo.resolve("demo.json"), "{\"" + DemoFolder.MARK + "\": \"unfinished\"}");
        Files.writeString(demo.resolve("notes.txt"), "mine");
        Cli.Result result = new Launcher(folder).lewis("demo", "-o", "demo", "--limit", "4");

        assertThat(result.exitCode()).as(result.err()).isEqualTo(Main.DONE);
        assertThat(result.out())
                .containsPattern(
                        "(?m)^model +method +bounds +kept +math strict +math flexible +code pass@1 +math ppl +code"
                                + " ppl$")
                .containsPattern("(?m)^base +- ")
                .containsPattern("(?m)^math \\+ code +LEWIS-TIES +0\\.3-0\\.8 +0\\.\\d{3} ")
                .containsPattern("Report: demo/report\\.html \\(all in \\d+ s\\)\n$");
        assertThat(Fixtures.names(demo))
                .containsExactly(
                        "demo.json",
                        "importance",
                        "models",
                        "notes.txt",
                        "recipes",
                        "report.html",
                        "statistics",
                        "table.txt");
        assertThat(Files.readString(demo.resolve("table.txt"))).isSubstringOf(result.out());
        assertThat(Fixtures.names(demo.resolve("importance"))).containsExactly("code_delta.csv", "math_delta.csv");
        assertThat(Fixtures.names(demo.resolve("models"))).isEqualTo(MERGES);
        assertMergesAreWhole(demo);
        assertResults(Json.read(demo.resolve("demo.json")));
        assertThat(Files.readString(demo.resolve("report.html")))
                .startsWith("<!DOCTYPE html>")
                .contains(
                        "Scores in code",
                        "Shares",
                        "Target perplexity",
                        "Importance in math",
                        "How far code moved",
                        "Densities of math",
                        "Densities over the depth",
                        "Cosine between the task vectors of math and code",
                        "Sign conflicts of math and code",
                        "How large the changes are",
                        "Time and memory",
                        "merge_method: ties",
                        "lewis_version")
                .doesNotContain("src=\"http", "href=\"http");
    }

    private static void assertMergesAreWhole(Path demo) throws Exception {
        for (String name : MERGES) {
            try (Checkpoint merged = Checkpoint.open(demo.resolve("models").resolve(name))) {
                assertThat(LanguageModel.describe(merged).blocks()).hasSize(6);
            }
            Recipe recipe = Recipe.read(demo.resolve("recipes").resolve(name + ".yaml"));
            assertThat(recipe.method().name()).isEqualTo("ties");
            assertThat(recipe.folder().resolve(recipe.base().orElseThrow().path()))
                    .isDirectory();
        }
    }

    private static void assertResults(Node results) {
        assertThat(results.get("problems").integer()).isEqualTo(4);
        List<Node> rows = results.get("rows").sequence();
        assertThat(rows).hasSize(3 + MERGES.size());
        // Each uniform merge keeps what the guided one above it keeps.
        for (int guided : List.of(4, 6)) {
            assertThat(rows.get(guided).get("method").text()).isEqualTo("LEWIS-TIES");
            assertThat(rows.get(guided + 1).get("kept_share").number())
                    .isCloseTo(
                            rows.get(guided).get("kept_share").number(), org.assertj.core.api.Assertions.within(1e-9));
        }
        assertThat(rows.get(2).get("code pass@1").number()).isEqualTo(1);
    }

    @Test
    void foreignFoldersAreNotTouched() throws Exception {
        for (String mine : List.of("{\"results\": []}", "[]", "no JSON")) {
            Files.writeString(folder.resolve("demo.json"), mine);
            Files.createDirectories(folder.resolve("models"));

            assertThat(new Launcher(folder).lewis("demo", "-o", "."))
                    .isEqualTo(new Cli.Result(
                            Main.FAILED, "", "error: .: is not empty; choose another folder with --output\n"));
            assertThat(Fixtures.names(folder)).containsExactly("demo.json", "models");
        }
        assertThat(new Launcher(folder).lewis("demo", "--limit", "0").exitCode())
                .isEqualTo(Main.REFUSED);
    }
}
