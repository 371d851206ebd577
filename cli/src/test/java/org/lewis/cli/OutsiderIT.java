package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;

/// The two steps of LEWIS's scripts and the one step of a recipe, as somebody runs them who has a folder of models and
/// knows Lewis by its launcher only.
@DisabledOnOs(OS.WINDOWS)
class OutsiderIT {

    @TempDir
    Path folder;

    private Cli.Result lewis(String... args) throws Exception {
        String[] command = new String[args.length + 1];
        command[0] = Launcher.COMMAND.toString();
        System.arraycopy(args, 0, command, 1, args.length);
        return new Launcher(folder)
                .run(
                        Map.of(
                                "LEWIS_CACHE", folder.resolve("cache").toString(),
                                "HF_HUB_CACHE", folder.resolve("hub").toString()),
                        command);
    }

    @BeforeEach
    void copyModels() throws IOException {
        for (String model : List.of("base", "code", "math")) {
            Path copy = Files.createDirectories(folder.resolve("models").resolve(model));
            for (String file : List.of("config.json", "model.safetensors")) {
                Files.copy(Fixtures.LEWIS.resolve(model).resolve(file), copy.resolve(file));
            }
        }
        Files.copy(Fixtures.LEWIS.resolve("calibration_token_ids.json"), folder.resolve("ids.json"));
        Files.createDirectories(folder.resolve("configs"));
        String config = Files.readString(Fixtures.LEWIS.resolve("wanda_pruned50.yaml"));
        for (String model : List.of("base", "code", "math")) {
            config = config.replace("name: " + model + "\n", "name: models/" + model + "\n")
                    .replace("  " + model + ": " + model + "\n", "  " + model + ": models/" + model + "\n");
        }
        Files.writeString(
                folder.resolve("configs/lewis.yaml"),
                config.replace("dataset: calibration_token_ids.json", "dataset: \"mbpp\""));
    }

    @Test
    void importanceRecipeAndMergeFollowOneAnother() throws Exception {
        Cli.Result importance =
                lewis("importance", "configs/lewis.yaml", "-o", "out/delta_dfs", "--token-ids", "ids.json");
        assertThat(importance.exitCode()).as(importance.err()).isEqualTo(Main.DONE);
        assertThat(importance.out()).isEqualTo("out/delta_dfs/code_delta.csv\nout/delta_dfs/math_delta.csv\n");
        for (String table : Fixtures.names(folder.resolve("out/delta_dfs"))) {
            assertThat(numbers(folder.resolve("out/delta_dfs").resolve(table)))
                    .containsExactly(
                            numbers(Fixtures.LEWIS
                                    .resolve("wanda_pruned50/delta_dfs")
                                    .resolve(table)),
                            within(1e-4));
        }

        Cli.Result recipe = lewis(
                "recipe",
                "configs/lewis.yaml",
                "--importance",
                "out/delta_dfs",
                "--gamma",
                "0.5",
                "--epsilon",
                "1.0",
                "--method",
                "dare_ties",
                "--weights",
                "-o",
                "out/recipe.yaml");
        assertThat(recipe).isEqualTo(new Cli.Result(Main.DONE, "out/recipe.yaml\n", ""));

        Cli.Result merge = lewis("merge", "out/recipe.yaml", "-o", "merged", "--quiet", "--seed", "3");
        assertThat(merge).isEqualTo(new Cli.Result(Main.DONE, "", ""));
        try (Checkpoint merged = Checkpoint.open(folder.resolve("merged"))) {
            assertThat(merged.tensors()).hasSize(48);
        }
        assertThat(Fixtures.names(folder)).containsExactly("cache", "configs", "ids.json", "merged", "models", "out");
    }

    @Test
    void aGuidedRecipeMergesInOneStepAndReusesWhatItLearned() throws Exception {
        Files.writeString(folder.resolve("configs/guided.yaml"), """
            merge_method: ties
            base_model: ../models/base
            models:
              - {model: ../models/code, parameters: {weight: 1}}
              - {model: ../models/math, parameters: {weight: 1}}
            guidance: {method: lewis, token_ids: ids.json, gamma: 0.3, epsilon: 0.8}
            """);
        Cli.Result first = lewis("merge", "configs/guided.yaml", "-o", "first");
        Cli.Result second = lewis("merge", "configs/guided.yaml", "-o", "second", "--threads", "1");

        assertThat(first.exitCode()).as(first.err()).isEqualTo(Main.DONE);
        assertThat(second.exitCode()).as(second.err()).isEqualTo(Main.DONE);
        assertThat(second.err().lines().filter(line -> line.endsWith(": statistics of an earlier run are reused")))
                .hasSize(4);
        assertThat(folder.resolve("second/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("first/model.safetensors"));
    }

    @Test
    void failuresEndInOneParagraph() throws Exception {
        Files.delete(folder.resolve("models/math/config.json"));
        assertThat(lewis("importance", "configs/lewis.yaml", "-o", "out", "--token-ids", "ids.json"))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: models/math: config.json is missing\n"));
        assertThat(lewis("importance", "configs/lewis.yaml", "-o", "out").err())
                .isEqualTo("error: models/math: config.json is missing\n");
        Files.copy(Fixtures.LEWIS.resolve("math/config.json"), folder.resolve("models/math/config.json"));
        assertThat(lewis("importance", "configs/lewis.yaml", "-o", "out").err())
                .isEqualTo("error: google-research-datasets/mbpp: no such file or folder of data, neither in "
                        + folder.toRealPath() + "/configs nor in the working directory, and no such data set in the"
                        + " hub's cache " + folder.resolve("hub") + ", to which it has to be downloaded first\n");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private static double[] numbers(Path table) throws IOException {
        return Files.readAllLines(table).stream()
                .skip(1)
                .flatMapToDouble(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble))
                .toArray();
    }
}
