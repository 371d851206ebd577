package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.calibrate.CalibrationText;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.forward.Golden;

final class TextSourceTest {

    private static final Path EXAMPLES = Path.of("..", "examples", "models");

    @TempDir
    Path folder;

    @Test
    void modelsOfOneTokenizerShareTheirIds() throws IOException {
        TextSource text = source("1 + 2\n3 + 4\n");
        CalibrationText ofBase = text.of(ModelLocation.of(EXAMPLES.resolve("base")));
        assertThat(text.of(ModelLocation.of(EXAMPLES.resolve("math")))).isSameAs(ofBase);
        assertThat(ofBase.sequences()).hasSize(2);
        assertThat(ofBase.textHash()).matches("[0-9a-f]{64}");
    }

    @Test
    void tokenizersThatKnowMoreTokensThanTheModelAreRefused() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String file : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(Golden.root().resolve("llama").resolve(file), model.resolve(file));
        }
        Files.copy(EXAMPLES.resolve("base/tokenizer.json"), model.resolve("tokenizer.json"));
        TextSource text = source("1 + 2\n");
        assertThatThrownBy(() -> text.of(ModelLocation.of(model)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageMatching("\\Q" + model.resolve("tokenizer.json") + "\\E: knows [0-9]+ tokens, but \\Q"
                        + model + "\\E has embeddings for 60; they are of different models");
    }

    private TextSource source(String lines) throws IOException {
        Path file = Files.writeString(folder.resolve("text.txt"), lines);
        return TextSource.of(file, new TextSource.Cut("{x}", 15, 42, 512), EXAMPLES.resolve("base"));
    }
}
