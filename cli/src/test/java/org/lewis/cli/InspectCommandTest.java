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

class InspectCommandTest {

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model");
        TestCheckpoint.create()
                .add("model.norm.weight", Dtype.F32, Shape.of(4), TestCheckpoint.counting(4))
                .add("lm_head.weight", Dtype.BF16, Shape.of(300, 4), TestCheckpoint.counting(300, 4))
                .write(model.resolve("model.safetensors"));
    }

    @Test
    void printsATableInTheOrderOfNames() {
        assertThat(Cli.run("inspect", model.toString())).isEqualTo(new Cli.Result(Main.DONE, """
            tensor             dtype     shape  parameters  bytes
            -----------------------------------------------------
            lm_head.weight      BF16  [300, 4]       1,200  2,400
            model.norm.weight    F32       [4]           4     16

            component  tensors  parameters   share
            --------------------------------------
            lm_head          1       1,200  99.7 %
            norm             1           4   0.3 %

            2 tensors, 1,204 parameters, 2,416 bytes (BF16 1,200, F32 4)
            """, ""));
    }

    @Test
    void statisticsAreOfAllValues() throws IOException {
        Path file = folder.resolve("weights.safetensors");
        TestCheckpoint.create()
                .add("layers.0.w", Dtype.F32, Shape.of(3), 3, 0, -4)
                .add("layers.1.w", Dtype.F32, Shape.of(2), Float.NaN, Float.POSITIVE_INFINITY)
                .add("steps", Dtype.I64, Shape.of(1), new byte[8])
                .write(file);
        assertThat(Cli.run("inspect", "--stats", file.toString()).out()).isEqualTo("""
            tensor      dtype  shape  parameters  bytes  zeros  NaN  infinite     min    max   norm
            ---------------------------------------------------------------------------------------
            layers.0.w    F32    [3]           3     12      1    0         0  -4.000  3.000  5.000
            layers.1.w    F32    [2]           2      8      0    1         1       -      -  0.000
            steps         I64    [1]           1      8

            component  tensors  parameters   share  zeros  NaN  infinite     min    max   norm
            ----------------------------------------------------------------------------------
            w                2           5  83.3 %      1    1         1  -4.000  3.000  5.000
            steps            1           1  16.7 %

            3 tensors, 6 parameters, 28 bytes (F32 5, I64 1)
            """);
        Node document = Json.parse(
                "out", Cli.run("inspect", "--stats", "--json", file.toString()).out());
        Node first = document.get("tensors").sequence().getFirst();
        assertThat(first.get("norm").number()).isEqualTo(5);
        assertThat(first.get("zeros").integer()).isEqualTo(1);
        assertThat(document.get("components").get("w").get("nans").integer()).isEqualTo(1);
    }

    @Test
    void adaptersAreListedAsTheyAre() throws IOException {
        Path adapter = folder.resolve("adapter");
        TestCheckpoint.create()
                .add("base_model.model.model.layers.0.up.lora_A.weight", Dtype.F32, Shape.of(1, 2), 1, 2)
                .write(adapter.resolve("adapter_model.safetensors"));
        Files.writeString(adapter.resolve("adapter_config.json"), "{\"lora_alpha\": 1}");
        assertThat(Cli.run("inspect", adapter.toString()).out())
                .contains("base_model.model.model.layers.0.up.lora_A.weight    F32  [1, 2]", "up.lora_A");
    }

    @Test
    void printsJson() {
        assertThat(Cli.run("inspect", "--json", model.toString())).isEqualTo(new Cli.Result(Main.DONE, """
            {
              "tensors" : [
                {
                  "name" : "lm_head.weight",
                  "dtype" : "BF16",
                  "shape" : [
                    300,
                    4
                  ],
                  "bytes" : 2400
                },
                {
                  "name" : "model.norm.weight",
                  "dtype" : "F32",
                  "shape" : [
                    4
                  ],
                  "bytes" : 16
                }
              ],
              "components" : {
                "lm_head" : {
                  "tensors" : 1,
                  "parameters" : 1200
                },
                "norm" : {
                  "tensors" : 1,
                  "parameters" : 4
                }
              },
              "parameters" : 1204,
              "bytes" : 2416
            }
            """, ""));
    }

    @Test
    void missingModelFails() {
        Cli.Result result = Cli.run("inspect", "no/such/model");
        assertThat(result.exitCode()).isEqualTo(Main.FAILED);
        assertThat(result.err())
                .startsWith("error: no/such/model: no such model folder, neither in the working directory, ");
    }

    @Test
    void damagedModelFailsWithFileAndReason() throws IOException {
        Path weights = model.resolve("model.safetensors");
        Files.write(weights, new byte[5]);

        assertThat(Cli.run("inspect", model.toString()))
                .isEqualTo(new Cli.Result(
                        Main.FAILED, "", "error: " + weights + ": 5 bytes are too few for a header length\n"));
    }

    @Test
    void verboseAddsTheStackTrace() {
        assertThat(Cli.run("inspect", "--verbose", "no/such/model").err())
                .startsWith("error: no/such/model: no such model folder, ")
                .contains("\tat org.lewis.checkpoint.ModelFinder.find(");
    }
}
