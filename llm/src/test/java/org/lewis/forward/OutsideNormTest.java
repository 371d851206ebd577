package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.model.Decoder;

/// The oldest OPT models norm the stream after each sum, which no golden does: what every linear reads and gives,
/// against plain loops over Java arrays.
class OutsideNormTest {

    private static final String LAYERS = "model.decoder.layers.";

    private final Map<String, float[]> inputs = new HashMap<>();
    private final Map<String, float[]> outputs = new HashMap<>();

    @Test
    void theSumOfStreamAndBranchIsNormed(@TempDir Path folder) throws IOException {
        Golden golden = Golden.read("opt");
        ModelFiles.copy(golden.folder(), folder)
                .remove("model.decoder.final_layer_norm.weight")
                .remove("model.decoder.final_layer_norm.bias")
                .write();
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replace("\"do_layer_norm_before\": true", "\"do_layer_norm_before\": false"));
        try (Checkpoint checkpoint = Checkpoint.open(folder);
                LanguageModel model = LanguageModel.open(checkpoint, Precision.FLOAT32);
                Arena arena = Arena.ofConfined()) {
            model.logits(List.of(golden.ids().getFirst()), this::keep, arena);
            int blocks = model.decoder().blocks().size();
            for (int block = 0; block < blocks; block++) {
                String at = LAYERS + block + ".";
                float[] middle = normed(
                        checkpoint, at + "self_attn_layer_norm", at + "self_attn.q_proj", at + "self_attn.out_proj");
                assertThat(inputs.get(at + "fc1")).containsExactly(middle, within(1e-5f));
                if (block + 1 < blocks) {
                    float[] end = normed(checkpoint, at + "final_layer_norm", at + "fc1", at + "fc2");
                    assertThat(inputs.get(LAYERS + (block + 1) + ".self_attn.q_proj"))
                            .containsExactly(end, within(1e-5f));
                }
            }
        }
    }

    private void keep(Decoder.Linear linear, Tensor input, Tensor output) {
        inputs.put(linear.name(), Tensors.memory(input).toArray(ValueLayout.JAVA_FLOAT));
        outputs.put(linear.name(), Tensors.memory(output).toArray(ValueLayout.JAVA_FLOAT));
    }

    /// Of what one linear reads plus what another gives.
    private float[] normed(Checkpoint checkpoint, String norm, String read, String given) throws IOException {
        float[] weight = checkpoint.tensor(norm + ".weight").floats();
        float[] bias = checkpoint.tensor(norm + ".bias").floats();
        float[] normed = inputs.get(read).clone();
        for (int row = 0; row < normed.length; row += weight.length) {
            double mean = 0;
            double meanSquare = 0;
            for (int i = row; i < row + weight.length; i++) {
                normed[i] += outputs.get(given)[i];
                mean += normed[i] / weight.length;
                meanSquare += (double) normed[i] * normed[i] / weight.length;
            }
            double deviation = Math.sqrt(meanSquare - mean * mean + 1e-5);
            for (int i = 0; i < weight.length; i++) {
                normed[row + i] = (float) ((normed[row + i] - mean) / deviation * weight[i] + bias[i]);
            }
        }
        return normed;
    }
}
