package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Safetensors;
import org.lewis.checkpoint.TorchWriter;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Tensor;

/// What PEFT makes of the same base and adapters.
class LoraGoldenTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"plain", "rslora_all", "dora", "pattern", "with_embed"})
    void adaptersAreAppliedAsByTheReference(String adapter) throws IOException {
        assertMerged(goldens().resolve("lora/" + adapter), adapter);
    }

    @Test
    void adaptersMayBePickled() throws IOException {
        Path pickled = Files.createDirectories(folder.resolve("pickled"));
        Path original = goldens().resolve("lora/plain");
        Files.copy(original.resolve("adapter_config.json"), pickled.resolve("adapter_config.json"));
        try (Safetensors weights = Safetensors.open(original.resolve("adapter_model.safetensors"))) {
            TorchWriter.write(
                    pickled.resolve("adapter_model.bin"), weights.tensors().values());
        }
        assertMerged(pickled, "plain");
    }

    @Test
    void adaptersAreFoundInFoldersBelow() throws IOException {
        Path outer = folder.resolve("outer");
        copyAdapter(outer.resolve("run/final"));
        assertMerged(outer, "plain");
    }

    @Test
    void ofSeveralAdaptersBelowOneHasToBeNamed() throws IOException {
        Path outer = folder.resolve("outer");
        copyAdapter(outer.resolve("run/final"));
        copyAdapter(outer.resolve("run/checkpoint-10"));
        assertThatThrownBy(() -> merge(outer))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(outer + ": holds several adapters; name one of " + outer.resolve("run/checkpoint-10") + ", "
                        + outer.resolve("run/final"));
    }

    private static void copyAdapter(Path target) throws IOException {
        Files.createDirectories(target);
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(goldens().resolve("lora/plain").resolve(file), target.resolve(file));
        }
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        Path original = goldens().resolve("lora/plain");
        Files.copy(original.resolve("adapter_config.json"), other.resolve("adapter_config.json"));
        try (Safetensors weights = Safetensors.open(original.resolve("adapter_model.safetensors"))) {
            Safetensors.write(
                    other.resolve("adapter_model.safetensors"),
                    weights.tensors().values().stream()
                            .map(t -> new Tensor(
                                    t.name().replace("layers.0", "layers.7"), t.dtype(), t.shape(), t.bytes()))
                            .toList(),
                    java.util.Map.of());
        }
        assertThatThrownBy(() -> merge(other))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(other + ": adapts model.layers.7.mlp.down_proj, which "
                        + goldens().resolve("merge_llama/base") + " lacks");
    }

    private void assertMerged(Path adapter, String expected) throws IOException {
        try (Checkpoint ours = Checkpoint.open(merge(adapter));
                Safetensors theirs =
                        Safetensors.open(goldens().resolve("lora/" + expected + "/expected_merged.safetensors"))) {
            assertThat(ours.tensors().keySet())
                    .isEqualTo(new java.util.TreeSet<>(theirs.tensors().keySet()));
            for (Tensor tensor : theirs.tensors().values()) {
                float[] found = ours.tensor(tensor.name()).floats();
                float[] wanted = tensor.floats();
                double scale = 0;
                double worst = 0;
                for (int i = 0; i < wanted.length; i++) {
                    scale = Math.max(scale, Math.abs(wanted[i]));
                    worst = Math.max(worst, Math.abs(wanted[i] - found[i]));
                }
                assertThat(worst).as(tensor.name()).isLessThanOrEqualTo(1e-6 * scale);
            }
        }
    }

    private Path merge(Path adapter) throws IOException {
        String recipe = "merge_method: linear\nmodels:\n  - model: {model: {path: "
                + goldens().resolve("merge_llama/base") + "}, lora: " + adapter + "}\n    parameters: {weight: 1}\n";
        Path output = folder.resolve("merged");
        Merge.run(Recipe.parse("lora.yaml", recipe, folder), output);
        return output;
    }

    private static Path goldens() {
        try {
            return Path.of(LoraGoldenTest.class.getResource("/goldens").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
