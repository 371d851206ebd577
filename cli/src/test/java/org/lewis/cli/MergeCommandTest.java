package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.engine.TestModel;

class MergeCommandTest {

    @TempDir
    Path folder;

    private Path recipe;

    @BeforeEach
    void writeModels() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("tuned"));
        recipe = Files.writeString(folder.resolve("r.yaml"), """
            merge_method: dare_ties
            base_model: base
            models: [{model: tuned, parameters: {weight: 1, density: 0.5}}]
            """);
    }

    private Cli.Result merge(String output, String... options) {
        List<String> args = new ArrayList<>(
                List.of("merge", recipe.toString(), "-o", folder.resolve(output).toString()));
        args.addAll(List.of(options));
        return Cli.run(args.toArray(String[]::new));
    }

    private byte[] weights(String output) throws IOException {
        return Files.readAllBytes(folder.resolve(output).resolve("model.safetensors"));
    }

    @Test
    void aModelFolderAppearsWithItsManifest() throws IOException {
        Cli.Result result = merge("merged");

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).matches(folder.resolve("merged") + ": 6 tensors, 10,000 bytes, in \\d+\\.\\d s\n");
        assertThat(Fixtures.names(folder.resolve("merged")))
                .contains("config.json", "lewis-manifest.json", "model.safetensors");
        assertThat(Fixtures.names(folder)).containsExactly("base", "merged", "r.yaml", "tuned");
        assertThat(Cli.run("inspect", folder.resolve("merged").toString()).exitCode())
                .isEqualTo(Main.DONE);
    }

    @Test
    void quietSaysNothing() {
        assertThat(merge("merged", "--quiet")).isEqualTo(new Cli.Result(Main.DONE, "", ""));
    }

    @Test
    void threadsDoNotMatterAndSeedsDo() throws IOException {
        merge("one", "--threads", "1");
        merge("seven", "--threads", "7");
        merge("seeded", "--seed", "5");
        merge("again", "--seed", "5");

        assertThat(weights("seven")).isEqualTo(weights("one"));
        assertThat(weights("seeded")).isNotEqualTo(weights("one")).isEqualTo(weights("again"));
        assertThat(Files.readString(folder.resolve("seeded/lewis-manifest.json")))
                .contains("\"seed\" : 5");
    }

    @Test
    void resumingWhatIsNotThereIsAMerge() throws IOException {
        assertThat(merge("merged", "--resume").exitCode()).isEqualTo(Main.DONE);
        merge("plain");
        assertThat(weights("merged")).isEqualTo(weights("plain"));
    }

    @Test
    void aDryRunPrintsThePlanAndWritesNothing() throws IOException {
        Cli.Result result = Cli.run("merge", recipe.toString(), "--dry-run", "--seed", "7", "--threads", "2");

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .contains("model.layers.1.self_attn.q_proj.weight  F32 [16, 16]  ")
                .contains("tuned {density=0.5, weight=1.0}")
                .endsWith("dare_ties of 2 models: 6 tensors, 18,816 bytes to read, 10,000 to write, about 220 MB of"
                        + " memory, seed 7\n");
        assertThat(Fixtures.names(folder)).containsExactly("base", "r.yaml", "tuned");
    }

    @Test
    void aPlanIsJsonWithoutPathsOfThisMachine() throws IOException {
        Files.writeString(recipe, "name: first\n" + Files.readString(recipe) + """
            ---
            merge_method: linear
            parameters: {weight: 0.5}
            models: [{model: first}, {model: tuned}]
            """);
        Cli.Result result = Cli.run("merge", recipe.toString(), "--dry-run", "--json", "--threads", "2");

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).doesNotContain(folder.toString());
        Node plan = Json.parse("plan", result.out());
        assertThat(plan.mapping().keySet())
                .containsExactly(
                        "method",
                        "seed",
                        "models",
                        "config_from",
                        "bytes_read",
                        "bytes_written",
                        "shards",
                        "tensors",
                        "notes",
                        "peak_memory");
        assertThat(plan.get("bytes_read").integer()).isEqualTo(18_816);
        assertThat(plan.get("shards").plain())
                .isEqualTo(List.of(Map.of("file", "model.safetensors", "bytes", 10_000L)));
        Map<String, Object> inFirst = Map.of(
                "name",
                "model.norm.weight",
                "dtype",
                "F32",
                "shape",
                List.of(16L),
                "method",
                "dare_ties",
                "semantics",
                "mergekit",
                "depth",
                0.0,
                "parameters",
                Map.of(
                        "int8_mask",
                        false,
                        "lambda",
                        1.0,
                        "lines_alpha",
                        1.0,
                        "lines_beta",
                        0.0,
                        "normalize",
                        false,
                        "rescale",
                        true),
                "base",
                Map.of("model", "base", "tensor", "model.norm.weight"),
                "models",
                List.of(Map.of(
                        "model", "tuned",
                        "tensor", "model.norm.weight",
                        "parameters", Map.of("density", 0.5, "weight", 1.0))));
        Node norm = plan.get("tensors").sequence().getLast();
        assertThat(norm.get("parameters").plain()).isEqualTo(Map.of("normalize", true));
        assertThat(norm.get("models").plain())
                .isEqualTo(List.of(
                        Map.of("stage", "first", "made", inFirst, "parameters", Map.of("weight", 0.5)),
                        Map.of("model", "tuned", "tensor", "model.norm.weight", "parameters", Map.of("weight", 0.5))));
        assertThat(norm.get("file").text()).isEqualTo("model.safetensors");

        assertThat(merge("merged", "--json").err())
                .startsWith("error: --json prints the plan of a --dry-run, which is missing\n");
    }

    @Test
    void stagesAreWrittenOnlyWhenAsked() throws IOException {
        String staged = "name: first\n" + Files.readString(recipe) + """
            ---
            merge_method: linear
            parameters: {weight: 1}
            models: [{model: first}, {model: tuned}]
            """;
        Files.writeString(recipe, staged);

        assertThat(merge("merged").err()).matches(folder.resolve("merged") + ": 6 tensors, .*\n");
        assertThat(Fixtures.names(folder)).containsExactly("base", "merged", "r.yaml", "tuned");

        Cli.Result result =
                merge("again", "--keep-stages", folder.resolve("stages").toString());
        assertThat(result.err())
                .matches(folder.resolve("stages/first") + ": 6 tensors, .*\n" + folder.resolve("again")
                        + ": 6 tensors, .*\n");
        assertThat(weights("again")).isEqualTo(weights("merged"));

        // A stage's own recipe makes the stage.
        recipe = Files.copy(folder.resolve("stages/first/lewis-recipe.yaml"), folder.resolve("first.yaml"));
        merge("first");
        assertThat(weights("first")).isEqualTo(weights("stages/first"));
    }

    @Test
    void aRecipeWithoutStagesHasNoneToKeep() {
        assertThat(merge("merged", "--keep-stages", folder + "/stages").err())
                .isEqualTo("error: --keep-stages: " + recipe + " has no stages; they are documents with a `name`\n"
                        + "see \"lewis merge --help\"\n");
    }

    @Test
    void aCommandLineThatMakesNoSenseIsRefused() {
        assertThat(merge("merged", "--threads", "0")).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: --threads must be at least 1, found 0
            see "lewis merge --help"
            """));
        assertThat(Cli.run("merge", recipe.toString())).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: --output DIR is missing
            see "lewis merge --help"
            """));
        assertThat(merge("merged", "--thread", "2").err())
                .startsWith("error: unknown option --thread; did you mean --threads?\n");
        assertThat(merge("merged", "--seed", "1.5")).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: invalid value for option '--seed': "1.5" is no whole number, or too large
            see "lewis merge --help"
            """));
        assertThat(merge("merged", "--pack", "base=base.pack").err())
                .startsWith("error: --pack: the recipe names no model \"base\" to calibrate\n");
    }

    @Test
    void aRecipeThatIsNotThereIsMissing() {
        assertThat(Cli.run("merge", "none.yaml", "-o", folder + "/merged"))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: none.yaml: no such file or folder\n"));
        assertThat(Cli.run("merge", folder.toString(), "-o", folder + "/merged"))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: " + folder + ": is a folder, not a file\n"));
    }
}
