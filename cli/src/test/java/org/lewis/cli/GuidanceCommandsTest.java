package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.document.Json;

/// `importance`, `recipe`, and `merge` with guidance, on the models of LEWIS's goldens.
class GuidanceCommandsTest {

    private static final Path IDS = Fixtures.LEWIS.resolve("calibration_token_ids.json");

    @TempDir
    Path folder;

    private Cli.Result importance(String variant, String... options) {
        return Cli.run(with(
                options,
                "importance",
                Fixtures.LEWIS.resolve(variant + ".yaml").toString(),
                "-o",
                folder.resolve("importance").toString(),
                "--cache",
                folder.resolve("cache").toString()));
    }

    private Cli.Result recipe(String variant, String... options) {
        return Cli.run(with(
                options,
                "recipe",
                Fixtures.LEWIS.resolve(variant + ".yaml").toString(),
                "--importance",
                folder.resolve("importance").toString(),
                "-o",
                folder.resolve("new/recipe.yaml").toString()));
    }

    private static String[] with(String[] options, String... command) {
        List<String> all = new java.util.ArrayList<>(List.of(command));
        all.addAll(List.of(options));
        return all.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wanda", "wanda_pruned50", "output_norm"})
    void importanceEqualsTheReference(String variant) throws IOException {
        Cli.Result result = importance(variant, "--quiet", "--token-ids", IDS.toString());

        assertThat(result).isEqualTo(new Cli.Result(Main.DONE, tables(), ""));
        for (String type : List.of("code", "math")) {
            String name = type + "_delta.csv";
            List<String> ours = Files.readAllLines(folder.resolve("importance").resolve(name));
            List<String> theirs = Files.readAllLines(
                    Fixtures.LEWIS.resolve(variant).resolve("delta_dfs").resolve(name));
            assertThat(ours).hasSameSizeAs(theirs);
            assertThat(ours.getFirst()).isEqualTo(theirs.getFirst());
            for (int line = 1; line < ours.size(); line++) {
                assertThat(numbers(ours.get(line))).containsExactly(numbers(theirs.get(line)), within(1e-4));
            }
        }
    }

    private static double[] numbers(String line) {
        return java.util.Arrays.stream(line.split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private String tables() {
        return folder.resolve("importance/code_delta.csv") + "\n" + folder.resolve("importance/math_delta.csv") + "\n";
    }

    @Test
    void aSecondRunReusesStatisticsAndSaysSo() {
        importance("wanda");
        Cli.Result second = importance("wanda");

        assertThat(second.err()).hasLineCount(3).contains(": statistics of an earlier run are reused\n");
        assertThat(second.out()).isEqualTo(tables());
    }

    @Test
    void aCacheThatCannotBeWrittenIsNotedOnly() throws IOException {
        Files.writeString(folder.resolve("cache"), "");
        Cli.Result result = importance("wanda");

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.err()).hasLineCount(3).contains(": statistics cannot be kept for the next time in ");
    }

    @Test
    void theRecipeMergesAsTheGuidanceBlockDoes() throws IOException {
        importance("wanda", "--quiet");
        assertThat(recipe("wanda", "--gamma", "0.2", "--epsilon", "0.9"))
                .isEqualTo(new Cli.Result(
                        Main.DONE,
                        folder.resolve("new/recipe.yaml") + "\n",
                        "base, code, math: found from "
                                + Fixtures.LEWIS.toAbsolutePath().normalize()
                                + " only, so the recipe has to lie there to be merged\n"));
        // The config names its models beside itself, so that is where the recipe must lie to find them.
        Path recipe = Fixtures.LEWIS.resolve("base").getParent();
        String text = Files.readString(folder.resolve("new/recipe.yaml"));
        for (String model : List.of("base", "code", "math")) {
            text = text.replace("model: " + model + "\n", "model: " + recipe.resolve(model) + "\n");
        }
        Files.writeString(folder.resolve("generated.yaml"), text);
        Files.writeString(folder.resolve("guided.yaml"), guided("gamma: 0.2, epsilon: 0.9"));
        merge("generated");
        merge("guided");

        try (Checkpoint generated = Checkpoint.open(folder.resolve("generated"));
                Checkpoint guided = Checkpoint.open(folder.resolve("guided"))) {
            assertThat(generated.tensors().keySet()).isEqualTo(guided.tensors().keySet());
            generated
                    .tensors()
                    .forEach((name, tensor) -> assertThat(
                                    guided.tensors().get(name).bytes().mismatch(tensor.bytes()))
                            .as(name)
                            .isEqualTo(-1));
        }
    }

    private static String guided(String options) {
        return """
            merge_method: ties
            base_model: %1$s/base
            models:
              - {model: %1$s/code, parameters: {weight: 1}}
              - {model: %1$s/math, parameters: {weight: 1}}
            parameters: {normalize: true, int8_mask: true}
            dtype: bfloat16
            guidance: {token_ids: %2$s, %3$s}
            """.formatted(Fixtures.LEWIS, IDS, options);
    }

    private void merge(String name) {
        Cli.Result result = Cli.run(
                "merge",
                folder.resolve(name + ".yaml").toString(),
                "-o",
                folder.resolve(name).toString(),
                "--cache",
                folder.resolve("cache").toString(),
                "--quiet");
        assertThat(result).isEqualTo(new Cli.Result(Main.DONE, "", ""));
    }

    @Test
    void aDryRunDoesNotCalibrate() throws IOException {
        Path recipe = Files.writeString(folder.resolve("guided.yaml"), guided("gamma: 0.3, epsilon: 0.8"));
        String cache = folder.resolve("cache").toString();
        Cli.Result result = Cli.run("merge", recipe.toString(), "--dry-run", "--cache", cache);
        Cli.Result json = Cli.run("merge", recipe.toString(), "--dry-run", "--json", "--cache", cache);

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.out())
                .startsWith("guidance: what it sets is known only after calibration, which a dry run leaves out; the"
                        + " parameters are those of the recipe\n");
        assertThat(Json.parse("plan", json.out()).get("calibrated").flag()).isFalse();
        assertThat(Fixtures.names(folder)).containsExactly("guided.yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sparsegpt", "regmean"})
    void theExamplesMergeAndASecondRunSaysWhatItReused(String example) throws IOException {
        String recipe =
                Fixtures.EXAMPLES.resolve("recipes/" + example + ".yaml").toString();
        String cache = folder.resolve("cache").toString();
        Cli.Result first = Cli.run("merge", recipe, "-o", folder.resolve("one").toString(), "--cache", cache);
        Cli.Result second = Cli.run("merge", recipe, "-o", folder.resolve("two").toString(), "--cache", cache);

        assertThat(first.exitCode()).as(first.err()).isEqualTo(Main.DONE);
        assertThat(first.err()).doesNotContain("reused").contains("56 tensors, 5,122,808 bytes");
        assertThat(second.err()).contains("calibrating the recipe's models: statistics of an earlier run are reused");
        for (String file : List.of("model.safetensors", "lewis-manifest.json")) {
            assertThat(Files.mismatch(
                            folder.resolve("one").resolve(file),
                            folder.resolve("two").resolve(file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    @Test
    void aDryRunSaysWhatMemoryMatricesTake() throws IOException {
        Path recipe = Files.writeString(
                folder.resolve("guided.yaml"), guided("method: sparsegpt, density: 0.3, sequential: false"));
        Cli.Result result = Cli.run(
                "merge",
                recipe.toString(),
                "--dry-run",
                "--quiet",
                "--cache",
                folder.resolve("cache").toString());
        assertThat(result.exitCode()).as(result.err()).isEqualTo(Main.DONE);
        // Three of 112 x 112 float32.
        assertThat(result.out())
                .startsWith("guidance: Gram matrices and what is made of them take up to 150,528 bytes\n");
    }

    @Test
    void whatCannotBeRightIsRefused() throws IOException {
        assertThat(recipe("wanda", "--gamma", "0.9", "--epsilon", "0.2"))
                .isEqualTo(new Cli.Result(Main.REFUSED, "", """
                    error: densities need 0 < gamma <= epsilon <= 1, found --gamma 0.9 and --epsilon 0.2
                    see "lewis recipe --help"
                    """));
        assertThat(recipe("wanda", "--method", "tyes").err())
                .startsWith("error: unknown merge method \"tyes\"; did you mean \"ties\"?\n");
        assertThat(recipe("wanda"))
                .isEqualTo(new Cli.Result(
                        Main.FAILED,
                        "",
                        "error: " + folder.resolve("importance/code_delta.csv")
                                + ": missing; `lewis importance` writes it\n"));
        assertThat(importance("wanda", "--token-ids", "a", "--data", "b").err())
                .startsWith("error: --data and --token-ids exclude each other\n");
        assertThat(importance("wanda", "--pack", "maths=a").err())
                .startsWith("error: --pack: the config names no model \"maths\"; known: base, code, math\n");
        assertThat(Fixtures.names(folder)).isEmpty();
    }

    @Test
    void aConfigWithoutTargetsHasNoRecipe() throws IOException {
        Path config = Files.writeString(
                folder.resolve("c.yaml"), "{model_info: [{name: a, type: base}], components: [up_proj]}");
        assertThat(Cli.run("recipe", config.toString(), "--importance", folder.toString(), "-o", folder + "/r.yaml"))
                .isEqualTo(new Cli.Result(
                        Main.REFUSED,
                        "",
                        "error: " + config + ": `target_model_names` is missing, so there is no model that the recipe"
                                + " could merge\n"));
    }

    @Test
    void tokenIdsThatTheModelCannotTakeAreRefused() throws IOException {
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[1, 2], [3, 99999]]");
        Cli.Result result = importance("wanda", "--token-ids", ids.toString());

        assertThat(result.exitCode()).isEqualTo(Main.FAILED);
        assertThat(result.err())
                .matches("error: .*/base: sequence 1, token 1: id 99999 is outside the vocabulary of \\d+\n");
    }
}
