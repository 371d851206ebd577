package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.Pack;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Precision;

/// `lewis calibrate`, `lewis pack`, and commands that read packs, on the bundled models.
final class CalibrateCommandTest {

    private static final Path EXAMPLES = Path.of("..", "examples");

    @TempDir
    Path folder;

    @Test
    void packsReplaceThePassesOfImportance() throws IOException {
        Path data = Files.writeString(folder.resolve("data.jsonl"), "{\"q\": \"1 + 2\"}\n{\"q\": \"3 + 4 =\"}\n");
        for (String model : List.of("base", "math")) {
            Cli.Result result =
                    run("calibrate", model(model), "--data", data, "--template", "{q}", "-o", folder.resolve(model));
            assertThat(result.err()).isEmpty();
            assertThat(result.out())
                    .matches("\\Q" + folder.resolve(model)
                            + "\\E: 42 linear layers, 2 samples, [0-9]+ tokens, bfloat16\n");
        }
        Path config =
                Files.writeString(folder.resolve("lewis.yaml"), """
                    model_info: [{name: "%s", type: base}, {name: "%s", type: math}]
                    dataset: %s
                    template: "{q}"
                    """.formatted(model("base"), model("math"), data));
        Cli.Result run = run("importance", config, "--cache", folder.resolve("cache"));
        Files.delete(data);
        Cli.Result read = run(
                "importance",
                config,
                "--cache",
                folder.resolve("none"),
                "--pack",
                "base=" + folder.resolve("base"),
                "--pack",
                "math=" + folder.resolve("math"));
        assertThat(read.err()).isEmpty();
        assertThat(read.out()).isEqualTo(run.out()).startsWith("math: share");
        assertThat(folder.resolve("none")).doesNotExist();
        assertThat(run(
                                "importance",
                                config,
                                "--pack",
                                "base=" + folder.resolve("base"),
                                "--pack",
                                "math=" + folder.resolve("base"))
                        .err())
                .isEqualTo("error: " + folder.resolve("base") + ": is of another model than " + model("math") + "\n");
    }

    @Test
    void packsOfOtherPassesAreRefused() throws IOException {
        Path config = Files.writeString(folder.resolve("lewis.yaml"), """
            model_info: [{name: "%s", type: base}, {name: "%s", type: math}]
            """.formatted(model("base"), model("math")));
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[1, 2, 3]]");
        Path others = Files.writeString(folder.resolve("others.json"), "[[1, 2, 4]]");
        Path base = folder.resolve("base.pack");
        Path math = folder.resolve("math.pack");
        Path wide = folder.resolve("wide.pack");
        run("calibrate", model("base"), "--token-ids", ids, "-o", base);
        run("calibrate", model("base"), "--token-ids", ids, "-o", wide, "--precision", "float32");
        run("calibrate", model("math"), "--token-ids", others, "-o", math);
        assertThat(run("importance", config, "--pack", "base=" + wide, "--pack", "math=" + math)
                        .err())
                .isEqualTo("error: " + wide + ": is of a pass in float32, but bfloat16 is asked for; --precision says"
                        + " which\n");
        assertThat(run("importance", config, "--pack", "base=" + base, "--pack", "math=" + math)
                        .err())
                .isEqualTo("error: the packs of " + model("base") + " and " + model("math")
                        + " are of different text, so they cannot be compared\n");
    }

    @Test
    void aPackThatDoesNotFitIsRefusedBeforeTheBaseRuns() throws IOException {
        Path config = Files.writeString(folder.resolve("lewis.yaml"), """
            model_info: [{name: "%s", type: base}, {name: "%s", type: math}]
            """.formatted(model("base"), model("math")));
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[1, 2, 3]]");
        Path others = Files.writeString(folder.resolve("others.json"), "[[1, 2, 4]]");
        Path pack = folder.resolve("pack");

        run("calibrate", model("base"), "--token-ids", ids, "-o", pack);
        assertRefused(config, ids, pack, pack + ": is of another model than " + model("math"));
        run("calibrate", model("math"), "--token-ids", ids, "-o", pack, "--precision", "float32");
        assertRefused(
                config,
                ids,
                pack,
                pack + ": is of a pass in float32, but bfloat16 is asked for; --precision says which");
        run("calibrate", model("math"), "--token-ids", others, "-o", pack);
        assertRefused(
                config,
                ids,
                pack,
                "the packs of " + model("base") + " and " + model("math")
                        + " are of different text, so they cannot be compared");
        Calibration.in(Precision.BFLOAT16)
                .pruning(0.5)
                .run(
                        ModelLocation.of(Path.of(model("math"))),
                        CalibrationText.of(List.of(new int[] {1, 2, 3})),
                        pack,
                        BlockStream.Progress.NONE);
        assertRefused(config, ids, pack, pack + ": is of a pass that pruned 0.5 of each block, but 0.0 is asked for");
    }

    /// A pass would have left the base's pack in the cache.
    private void assertRefused(Path config, Path ids, Path ofMath, String problem) {
        Path cache = folder.resolve("cache");
        assertThat(run("importance", config, "--token-ids", ids, "--cache", cache, "--pack", "math=" + ofMath))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: " + problem + "\n"));
        assertThat(cache).doesNotExist();
    }

    @Test
    void partsOfTheTextAddUp() throws IOException {
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[1, 2, 3], [4, 5]]");
        Path first = Files.writeString(folder.resolve("first.json"), "[[1, 2, 3]]");
        Path second = Files.writeString(folder.resolve("second.json"), "[[4, 5]]");
        for (Path file : List.of(ids, first, second)) {
            assertThat(run("calibrate", model("base"), "--token-ids", file, "-o", file + ".pack")
                            .exitCode())
                    .isZero();
        }
        Path sum = folder.resolve("sum.pack");
        Cli.Result merged = run("pack", "merge", second + ".pack", first + ".pack", "-o", sum);
        assertThat(merged.out()).isEqualTo(sum + ": 42 linear layers, 2 samples, 5 tokens, bfloat16\n");
        assertThat(sum).hasSameBinaryContentAs(Path.of(ids + ".pack"));
        assertThat(Pack.read(sum).info().tokens()).isEqualTo(5);
    }

    @Test
    void whatCannotBeRightIsRefused() throws IOException {
        Path pack = folder.resolve("pack");
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[1, 99999]]");
        assertThat(run("calibrate", model("base"), "-o", pack).err())
                .startsWith("error: give either --data FILE or --token-ids FILE");
        assertThat(run("calibrate", model("base"), "--token-ids", ids, "-o", pack)
                        .err())
                .startsWith("error: " + model("base") + ": sequence 0, token 1: id 99999 is outside the vocabulary of");
        assertThat(run("calibrate", model("base"), "--token-ids", ids, "-o", pack, "--device", "cuda")
                        .err())
                .isEqualTo("error: this build of Lewis computes on the CPU only; with LEWIS_CUDA=1 in the environment,"
                        + " ./lewis builds and runs one for NVIDIA GPUs (an 850 MB download)\n");
        assertThat(run("calibrate", model("base"), "--token-ids", ids, "-o", pack, "--memory", "much")
                        .err())
                .contains("\"much\" is no size; write 512MB or 2GB");
        assertThat(run("calibrate", model("base"), "--data", folder, "-o", pack).err())
                .isEqualTo("error: " + folder + ": is a folder, not a file\n");
        assertThat(run("calibrate", model("base"), "--token-ids", ids, "-o", folder))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: " + folder + ": is a folder, not a file\n"));
        assertThat(run("pack", "split", ids, "-o", pack).err()).startsWith("error: unknown action \"split\"");
        assertThat(pack).doesNotExist();
    }

    private static String model(String name) {
        return EXAMPLES.resolve("models").resolve(name).toString();
    }

    private static Cli.Result run(Object... args) {
        List<String> texts = new ArrayList<>();
        Arrays.stream(args).map(Object::toString).forEach(texts::add);
        return Cli.run(texts.toArray(String[]::new));
    }
}
