package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.engine.TestModel;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// What can be wrong with the input of a merge: one paragraph, an exit code, and nothing that looks like a model.
class BadInputTest {

    private static final String RECIPE = """
        merge_method: ties
        base_model: base
        models: [{model: tuned, parameters: {weight: 1, density: 0.5}}]
        """;

    @TempDir
    Path folder;

    private Path out;
    private Path weights;

    @BeforeEach
    void writeModels() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("tuned"));
        weights = folder.resolve("tuned/model.safetensors");
        out = folder.resolve("merged");
    }

    private Cli.Result merge(String recipe, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("r.yaml"), recipe);
        String[] args = {"merge", file.toString(), "-o", out.toString(), "--quiet", "--cache", folder + "/cache"};
        String[] all = Arrays.copyOf(args, args.length + options.length);
        System.arraycopy(options, 0, all, args.length, options.length);
        return Cli.run(all);
    }

    private void replaceTuned(TestModel model) throws IOException {
        org.lewis.checkpoint.Folders.delete(folder.resolve("tuned"));
        model.write(folder.resolve("tuned"));
    }

    private void assertRefused(Cli.Result result, int exitCode, String message) throws IOException {
        assertThat(result)
                .isEqualTo(
                        new Cli.Result(exitCode, "", "error: " + message.replace("FOLDER", folder.toString()) + "\n"));
        assertThat(Fixtures.names(folder)).isSubsetOf("base", "tuned", "r.yaml", "empty.jsonl", "cache");
    }

    @Test
    void truncatedWeights() throws IOException {
        Files.write(weights, Arrays.copyOf(Files.readAllBytes(weights), (int) Files.size(weights) - 10));
        assertRefused(
                merge(RECIPE),
                Main.FAILED,
                "FOLDER/tuned/model.safetensors: model.norm.weight: ends at byte"
                        + " 9408 of data, but the file holds 9398; it is truncated");
    }

    @Test
    void anEmptyFileOfWeights() throws IOException {
        Files.write(weights, new byte[0]);
        assertRefused(
                merge(RECIPE), Main.FAILED, "FOLDER/tuned/model.safetensors: 0 bytes are too few for a header length");
    }

    @Test
    void aHeaderOfGarbage() throws IOException {
        byte[] bytes = Files.readAllBytes(weights);
        bytes[9] = 'x';
        Files.write(weights, bytes);
        assertRefused(
                merge(RECIPE),
                Main.FAILED,
                "FOLDER/tuned/model.safetensors: header:1:2: not valid JSON: Unexpected character ('x' (code 120)): was"
                        + " expecting double-quote to start property name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        none.safetensors          | FOLDER/tuned/model.safetensors.index.json: names none.safetensors, which is not in the folder
        ../base/model.safetensors | FOLDER/tuned/model.safetensors.index.json:1:22: weight_map.w: "../base/model.safetensors" is not the name of a file in this folder
        /etc/passwd               | FOLDER/tuned/model.safetensors.index.json:1:22: weight_map.w: "/etc/passwd" is not the name of a file in this folder
        """)
    void anIndexThatNamesAFileElsewhere(String file, String message) throws IOException {
        Files.writeString(
                folder.resolve("tuned/model.safetensors.index.json"), "{\"weight_map\": {\"w\": \"" + file + "\"}}");
        assertRefused(merge(RECIPE), Main.FAILED, message);
    }

    @Test
    void shapesThatDiffer() throws IOException {
        replaceTuned(TestModel.random(2).add("model.norm.weight", Dtype.F32, Shape.of(15), new float[15]));
        assertRefused(
                merge(RECIPE),
                Main.FAILED,
                "model.norm.weight: shapes differ: {base=[16], tuned=[15]}; models can"
                        + " be merged only when they have the same architecture");
    }

    @Test
    void aTensorThatIsMissing() throws IOException {
        replaceTuned(TestModel.random(2).without("model.norm.weight"));
        assertRefused(
                merge(RECIPE),
                Main.FAILED,
                "the models do not have the same tensors; missing in tuned: model.norm.weight; `missing_tensors: keep`"
                        + " takes each from the first model that has it, `missing_tensors: drop` leaves them out");
    }

    @Test
    void nanIsAWarningUnlessStrict() throws IOException {
        float[] norm = new float[16];
        norm[3] = Float.NaN;
        norm[5] = Float.NEGATIVE_INFINITY;
        replaceTuned(TestModel.random(2).add("model.norm.weight", Dtype.F32, Shape.of(16), norm));
        String problem = "model.norm.weight: 2 values of the result are NaN or infinite; tuned holds 2";

        assertRefused(merge(RECIPE, "--strict"), Main.FAILED, problem);
        assertThat(merge(RECIPE)).isEqualTo(new Cli.Result(Main.DONE, "", "warning: " + problem + "\n"));
        assertThat(out.resolve("model.safetensors")).exists();
    }

    @Test
    void aModelThatIsNotThere() throws IOException {
        Cli.Result result = merge(RECIPE.replace("base_model: base", "base_model: bass"));

        assertThat(result.exitCode()).isEqualTo(Main.FAILED);
        assertThat(result.err())
                .startsWith(
                        "error: bass: no such model folder, neither in the working directory, nor in " + folder + ", ")
                .hasLineCount(1);
        assertThat(Fixtures.names(folder)).containsExactly("base", "r.yaml", "tuned");
    }

    @Test
    void calibrationOfAnUnknownArchitecture() throws IOException {
        Files.writeString(folder.resolve("empty.jsonl"), "[[1]]");
        assertRefused(
                merge(RECIPE + "guidance: {token_ids: empty.jsonl}\n"),
                Main.REFUSED,
                "FOLDER/base/config.json:1:16: model_type: models of type \"test\" can be merged but not run; known:"
                        + " bloom, cohere, falcon, gemma, gemma2, gemma3_text, gpt2, gpt_neox, granite, llama, mistral,"
                        + " mixtral, olmo2, opt, phi, phi3, qwen2, qwen3, qwen3_moe, stablelm, starcoder2");
    }

    @Test
    void anEmptyCalibrationFile() throws IOException {
        Files.writeString(folder.resolve("empty.jsonl"), "\n\n");
        String recipe = "merge_method: ties\nbase_model: " + Fixtures.LEWIS.resolve("base") + "\nmodels: [{model: "
                + Fixtures.LEWIS.resolve("code")
                + "}]\nparameters: {weight: 1}\nguidance: {calibration: empty.jsonl}\n";
        assertRefused(merge(recipe), Main.FAILED, "FOLDER/empty.jsonl: holds no text");
    }

    @Test
    void gammaAboveEpsilon() throws IOException {
        assertRefused(
                merge(RECIPE + "guidance: {token_ids: x.json, gamma: 0.9, epsilon: 0.2}\n"),
                Main.REFUSED,
                "FOLDER/r.yaml:4:38: guidance.gamma: gamma 0.9 is above epsilon 0.2; densities go from gamma, the lower"
                        + " bound, to epsilon");
    }

    @ParameterizedTest
    @CsvSource({"0", "1.5", "-0.1", ".nan", "half"})
    void aDensityOutOfItsRange(String density) throws IOException {
        Cli.Result result = merge(RECIPE.replace("0.5", density));

        assertThat(result.err())
                .startsWith(
                        "error: " + folder + "/r.yaml:3:58: models[0].parameters.density: expected a number in (0, 1],")
                .hasLineCount(1);
        assertThat(result.exitCode()).isEqualTo(Main.REFUSED);
        assertThat(out).doesNotExist();
    }

    @Test
    void anUnknownMethodOrKey() throws IOException {
        assertThat(merge(RECIPE.replace("ties", "tyes")).err())
                .startsWith("error: " + folder
                        + "/r.yaml:1:15: merge_method: unknown merge method \"tyes\"; did you mean" + " \"ties\"?");
        assertRefused(
                merge(RECIPE + "dtyp: float32\n"),
                Main.REFUSED,
                "FOLDER/r.yaml:4:1: dtyp: unknown key \"dtyp\"; did you mean \"dtype\"?");
        assertRefused(
                merge(RECIPE.replace("density", "densty")),
                Main.REFUSED,
                "FOLDER/r.yaml:3:57: models[0].parameters.densty: ties has no parameter \"densty\"; did you mean"
                        + " \"density\"?");
    }

    @Test
    void anOutputFolderThatIsNotEmpty() throws IOException {
        Files.createDirectory(out);
        Files.writeString(out.resolve("precious"), "");
        Cli.Result result = merge(RECIPE);

        assertThat(result)
                .isEqualTo(new Cli.Result(
                        Main.FAILED,
                        "",
                        "error: " + out + ": is not empty; choose another folder, or replace it with --force\n"));
        assertThat(Fixtures.names(out)).containsExactly("precious");
        assertThat(merge(RECIPE, "--force").exitCode()).isEqualTo(Main.DONE);
        assertThat(Fixtures.names(out)).contains("model.safetensors").doesNotContain("precious");
        assertThat(Fixtures.names(folder)).containsExactly("base", "merged", "r.yaml", "tuned");
    }

    @Test
    void anOutputThatIsAFile() throws IOException {
        Files.writeString(out, "precious");

        assertThat(merge(RECIPE))
                .isEqualTo(merge(RECIPE, "--force"))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: " + out + ": is a file, not a folder\n"));
        assertThat(out).hasContent("precious");
    }

    @Test
    void anOutputThatIsOneOfTheModels() throws IOException {
        out = folder.resolve("tuned");
        assertThat(merge(RECIPE, "--force"))
                .isEqualTo(new Cli.Result(
                        Main.FAILED, "", "error: " + out + ": is one of the models to merge; choose another folder\n"));
        assertThat(Fixtures.names(out)).containsExactly("config.json", "model.safetensors");
    }

    @Test
    void aDiskWithoutRoomForTheWeights() throws IOException {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 8192)) {
            out = disk.folder().resolve("merged");
            Cli.Result result = merge(RECIPE);

            assertThat(result.exitCode()).isEqualTo(Main.FAILED);
            assertThat(result.err())
                    .matches("error: " + out + ": the model takes \\d+ bytes, but only \\d+ are free on this disk\n");
            assertThat(Fixtures.names(disk.folder())).isEmpty();
        }
    }

    @Test
    void aDiskThatIsFullBeforeTheEnd() throws IOException {
        for (int side : List.of(1 << 16, 1 << 20)) {
            org.lewis.checkpoint.Folders.delete(folder.resolve("base"));
            TestModel.random(1).file("tokenizer.json", "x".repeat(side)).write(folder.resolve("base"));
            try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 1 << 16)) {
                out = disk.folder().resolve("merged");
                Cli.Result result = merge(RECIPE);

                assertThat(result.exitCode()).isEqualTo(Main.FAILED);
                assertThat(result.err())
                        .startsWith("error: " + out + ": cannot write: ")
                        .hasLineCount(1);
                assertThat(Fixtures.names(disk.folder())).isEmpty();
            }
        }
    }

    /// A file system in memory, which only an administrator of Linux may mount; elsewhere these tests are left out.
    private record SmallDisk(Path folder) implements AutoCloseable {

        static SmallDisk mount(Path folder, int bytes) throws IOException {
            Files.createDirectories(folder);
            assumeTrue(
                    run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", folder.toString()),
                    "no right to mount a small disk");
            return new SmallDisk(folder);
        }

        @Override
        public void close() {
            assertThat(run("umount", folder.toString())).isTrue();
        }

        private static boolean run(String... command) {
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                return process.onExit().join().exitValue() == 0;
            } catch (IOException e) {
                return false;
            }
        }
    }
}
