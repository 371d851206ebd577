package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.engine.TestModel;

final class ExtractLoraCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void writeModels() throws IOException {
        TestModel.random(1).write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("model"));
    }

    @Test
    void theTableSaysWhatEachAdapterMisses() {
        Cli.Result result = extract("--rank", "16", "--exclude", "self_attn|embed");
        assertThat(result.out()).isEqualTo("""
            module                      rank     error
            ------------------------------------------
            model.layers.0.mlp.up_proj    16  0.000000
            model.layers.1.mlp.up_proj    16  0.000000
            model.norm.weight  saved whole
            3 other tensors differ and were left out
            %s: 2 linears, 1 tensors saved whole, error 0.000000 of all differences
            """.formatted(folder.resolve("adapter")));
        assertThat(result.exitCode()).isZero();
        assertThat(folder.resolve("adapter/adapter_model.safetensors")).exists();
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        refused("expected either --rank or --energy, found both", "--rank", "4", "--energy", "0.9");
        refused("--max-rank belongs to --energy; use --rank", "--max-rank", "4");
        refused("--rank must be at least 1, found 0", "--rank", "0");
        refused("--threads must be at least 1, found 0", "--threads", "0");
        refused("--energy must be in (0, 1], found 1.5", "--energy", "1.5");
        refused("--include (: no regular expression: Unclosed group", "--include", "(");
    }

    @Test
    void anOccupiedFolderIsRefused() throws IOException {
        extract("--rank", "4");
        Cli.Result result = extract("--rank", "4");
        assertThat(result.exitCode()).isEqualTo(Main.FAILED);
        assertThat(result.err())
                .isEqualTo("error: " + folder.resolve("adapter") + ": is not empty; choose another folder\n");
    }

    private void refused(String message, String... options) {
        Cli.Result result = extract(options);
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).startsWith("error: " + message);
    }

    private Cli.Result extract(String... options) {
        String[] arguments = new String[options.length + 6];
        arguments[0] = "extract-lora";
        arguments[1] = folder.resolve("model").toString();
        arguments[2] = "--base";
        arguments[3] = folder.resolve("base").toString();
        arguments[4] = "--output";
        arguments[5] = folder.resolve("adapter").toString();
        System.arraycopy(options, 0, arguments, 6, options.length);
        return Cli.run(arguments);
    }
}
