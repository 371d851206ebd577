package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.document.Yaml;

/// The options of `lewis importance` and `lewis recipe` on the bundled models.
final class LewisOptionsTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final String CONFIG = EXAMPLES.resolve("lewis.yaml").toString();

    @TempDir
    static Path folder;

    private static Path importance;
    private static Cli.Result first;

    @BeforeAll
    static void computeImportance() throws IOException {
        importance = folder.resolve("importance");
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[1, 2, 3, 4, 5, 6], [7, 8, 9]]");
        first = Cli.run(
                "importance",
                CONFIG,
                "--token-ids",
                ids.toString(),
                "--cache",
                folder.resolve("cache").toString(),
                "-o",
                importance.toString(),
                "--json",
                "--table",
                "--report",
                folder.resolve("report.html").toString());
    }

    @Test
    void importanceIsWrittenPrintedAndDrawn() throws IOException {
        assertThat(first.err()).doesNotContain("error");
        assertThat(first.exitCode()).isZero();
        assertThat(first.out())
                .startsWith(importance.resolve("math_delta.csv") + "\n" + importance.resolve("math_importance.json")
                        + "\n" + folder.resolve("report.html") + "\nmath: share of its component's whole change since"
                        + " base\nlayer   q_proj");
        Node json = Json.read(importance.resolve("math_importance.json"));
        assertThat(json.get("delta").sequence()).hasSize(6);
        assertThat(Files.readString(folder.resolve("report.html"))).contains("How far math moved");
    }

    @Test
    void theTopLayersAreKeptWhole() throws IOException {
        Node cases = densities("--top-k", "0.5");
        long whole = cases.sequence().stream()
                .filter(one ->
                        one.find("filter").isPresent() && one.get("value").number() == 1)
                .count();
        assertThat(whole).isEqualTo(21);
        assertThat(cases.sequence()).hasSize(43);
    }

    @Test
    void componentsGetOneDensityFromTheImportanceFile() throws IOException {
        Node cases = densities("--granularity", "component", "--only", "mlp", "--scaling", "rank");
        for (int i = 0; i < 42; i++) {
            double density = cases.sequence().get(i).get("value").number();
            double expected =
                    i < 24 ? 0.01 : cases.sequence().get(i / 6 * 6).get("value").number();
            assertThat(density).as("case " + i).isEqualTo(expected);
        }
    }

    @Test
    void optionsThatContradictAreRefused() {
        assertThat(recipe("--top-k", "0.5", "--gamma", "0.2").err())
                .startsWith("error: --top-k excludes --gamma, --epsilon and --scaling");
        assertThat(recipe("--rest-density", "0.5").err())
                .startsWith("error: --rest-density has no effect without --top-k");
        assertThat(recipe("--only", "mpl").err())
                .startsWith("error: --only: the model has no component \"mpl\"; did you mean \"mlp\"?");
        assertThat(recipe("--method", "slerp").err())
                .startsWith("error: --method: slerp has no densities that LEWIS could set");
        assertThat(recipe("--gamma", "0.9").err())
                .startsWith("error: densities need 0 < gamma <= epsilon <= 1, found --gamma 0.9 and --epsilon 0.8");
    }

    private static Node densities(String... options) throws IOException {
        Cli.Result result = recipe(options);
        assertThat(result.err())
                .isEqualTo("models/base, models/math: found from "
                        + Path.of(CONFIG).toAbsolutePath().normalize().getParent()
                        + " only, so the recipe has to lie there to be merged\n");
        return Yaml.read(folder.resolve("recipe.yaml"))
                .get("models")
                .sequence()
                .get(1)
                .get("parameters")
                .get("density");
    }

    private static Cli.Result recipe(String... options) {
        String[] all = new String[6 + options.length];
        System.arraycopy(
                new String[] {
                    "recipe",
                    CONFIG,
                    "--importance",
                    importance.toString(),
                    "-o",
                    folder.resolve("recipe.yaml").toString()
                },
                0,
                all,
                0,
                6);
        System.arraycopy(options, 0, all, 6, options.length);
        return Cli.run(all);
    }
}
