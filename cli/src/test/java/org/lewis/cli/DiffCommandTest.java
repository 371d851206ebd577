package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.TestCheckpoint;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

class DiffCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void writeModels() throws IOException {
        write("base", "model.", 1, 0);
        write("math", "model.", 1.5f, 2);
        write("code", "", 0.5f, 2);
    }

    private void write(String name, String prefix, float linear, float norm) throws IOException {
        TestCheckpoint.create()
                .add(prefix + "layers.0.up.weight", Dtype.F32, Shape.of(2, 2), linear, 1, linear, 1)
                .add(prefix + "layers.1.up.weight", Dtype.F32, Shape.of(2, 2), 1, 1, 1, 1)
                .add(prefix + "norm.weight", Dtype.F32, Shape.of(1), norm)
                .write(folder.resolve(name).resolve("model.safetensors"));
    }

    private String model(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void tablesTellWhatChangedAndHowTheChangesGoTogether() {
        Cli.Result result = Cli.run("diff", model("base"), model("math"), model("code"), "--top", "1");

        assertThat(result.err())
                .isEqualTo("note: " + model("code") + ": \"model.\" is put before its names, as in " + model("base")
                        + "\n");
        assertThat(result.out()).isEqualTo("""
            model   norm  relative norm  unchanged  largest change  NaN or infinite
            -----------------------------------------------------------------------
            math   2.121         0.7500     66.7 %           2.000                0
            code   2.121         0.7500     66.7 %           2.000                0

            pair         cosine  both changed  opposite signs  opposite signs, weighted
            ---------------------------------------------------------------------------
            math - code   0.778        33.3 %          66.7 %                    33.3 %

            component  math relative  code relative  math unchanged  code unchanged  cosine  opposite
            -----------------------------------------------------------------------------------------
            norm            Infinity       Infinity           0.0 %           0.0 %   1.000     0.0 %
            up                0.2500         0.2500          75.0 %          75.0 %  -1.000   100.0 %

            layer  math relative  code relative  math unchanged  code unchanged  cosine  opposite
            -------------------------------------------------------------------------------------
            0             0.3536         0.3536          50.0 %          50.0 %  -1.000   100.0 %
            1              0.000          0.000         100.0 %         100.0 %       -         -

            tensor             math relative  code relative  math unchanged  code unchanged  cosine  opposite
            -------------------------------------------------------------------------------------------------
            model.norm.weight       Infinity       Infinity           0.0 %           0.0 %   1.000     0.0 %
            """);
        assertThat(result.exitCode()).isEqualTo(Main.DONE);
    }

    @Test
    void everythingGoesIntoJsonAndPictures() throws IOException {
        Path json = folder.resolve("new/diff.json");
        Path report = folder.resolve("new/diff.html");
        Cli.Result result = Cli.run(
                "diff",
                "--quiet",
                model("base"),
                model("math"),
                model("math"),
                "--json",
                json.toString(),
                "--report",
                report.toString());
        assertThat(result.err()).isEmpty();

        Node document = Json.read(json);
        assertThat(document.get("models").sequence()).extracting(Node::text).containsExactly("math", "math-2");
        Node up = document.get("tensors").get("model.layers.0.up.weight");
        assertThat(up.get("changes").get("math").get("relative_norm").number()).isEqualTo(Math.sqrt(0.5 / 4));
        assertThat(up.get("changes").get("math").get("sparsity").number()).isEqualTo(0.5);
        assertThat(up.get("pairs").get("math - math-2").get("sign_conflicts").number())
                .isZero();
        Node still = document.get("tensors").get("model.layers.1.up.weight");
        assertThat(still.get("pairs").get("math - math-2").find("cosine")).isEmpty();
        assertThat(document.get("layers").mapping()).containsOnlyKeys("0", "1");
        assertThat(Files.readString(report))
                .startsWith("<!DOCTYPE html>")
                .contains("Relative change in math", "Cosine of math - math-2", "Opposite signs", "Sizes of changes");
    }

    @Test
    void modelsThatHaveNothingInCommonAreRefused() throws IOException {
        TestCheckpoint.create()
                .add("other", Dtype.F32, Shape.of(1), 1)
                .write(folder.resolve("other/model.safetensors"));
        assertThat(Cli.run("diff", model("base"), model("other")))
                .isEqualTo(new Cli.Result(
                        Main.FAILED,
                        "",
                        "error: " + model("base") + ": has no tensor in common with " + model("other") + "\n"));
        assertThat(Cli.run("diff", model("base"), model("math"), "--top", "-1").exitCode())
                .isEqualTo(Main.REFUSED);
    }
}
