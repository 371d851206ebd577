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

/// The oldest OPT models norm the stream after each sum, and embed tokens in fewer features than the stream has; no
/// golden does either. What linears read and give, against plain loops over Java arrays.
class OldestOptTest {

    private static final String ROOT = "model.decoder.";
    private static final String LAYERS = ROOT + "layers.";
    private static final int WIDTH = 32;

    private final Map<String, float[]> inputs = new HashMap<>();
    private final Map<String, float[]> outputs = new HashMap<>();

    @TempDir
    Path folder;

    @Test
    void theSumOfStreamAndBranchIsNormed() throws IOException {
        Golden golden = Golden.read("opt");
        normedAfter(golden).write();
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

    @Test
    void narrowEmbeddingsAreProjectedIntoTheStreamAndOutOfIt() throws IOException {
        Golden golden = Golden.read("opt");
        int[] ids = golden.ids().getFirst();
        int narrow = 20;
        normedAfter(golden)
                .random(ROOT + "embed_tokens.weight", 1, 60, narrow)
                .random(ROOT + "project_in.weight", 2, WIDTH, narrow)
                .random(ROOT + "project_out.weight", 3, narrow, WIDTH)
                .write();
        replace("\"word_embed_proj_dim\": 32", "\"word_embed_proj_dim\": " + narrow);
        try (Checkpoint checkpoint = Checkpoint.open(folder);
                LanguageModel model = LanguageModel.open(checkpoint, Precision.FLOAT32);
                Arena arena = Arena.ofConfined()) {
            float[] logits = model.logits(List.of(ids), this::keep, arena).floats();

            float[] tokens = weight(checkpoint, "embed_tokens");
            float[] rows = new float[ids.length * narrow];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = tokens[ids[i / narrow] * narrow + i % narrow];
            }
            float[] stream = product(rows, weight(checkpoint, "project_in"), narrow);
            float[] positions = weight(checkpoint, "embed_positions");
            for (int i = 0; i < stream.length; i++) {
                stream[i] += positions[2 * WIDTH + i]; // the first two rows are unused
            }
            assertThat(inputs.get(LAYERS + "0.self_attn.q_proj")).containsExactly(stream, within(1e-5f));

            float[] end = normed(checkpoint, LAYERS + "2.final_layer_norm", LAYERS + "2.fc1", LAYERS + "2.fc2");
            float[] lowered = product(end, weight(checkpoint, "project_out"), WIDTH);
            assertThat(logits).containsExactly(product(lowered, tokens, narrow), within(1e-4f));
        }
    }

    /// The golden's weights without the norm of the whole stream, which models with norms after each sum lack.
    private ModelFiles normedAfter(Golden golden) throws IOException {
        ModelFiles files = ModelFiles.copy(golden.folder(), folder)
                .remove(ROOT + "final_layer_norm.weight")
                .remove(ROOT + "final_layer_norm.bias");
        replace("\"do_layer_norm_before\": true", "\"do_layer_norm_before\": false");
        return files;
    }

    private void replace(String found, String by) throws IOException {
        Path config = folder.resolve("config.json");
        String text = Files.readString(config);
        assertThat(text).contains(found);
        Files.writeString(config, text.replace(found, by));
    }

    private static float[] weight(Checkpoint checkpoint, String module) throws IOException {
        return checkpoint.tensor(ROOT + module + ".weight").floats();
    }

    /// `rows * weight^T`.
    ///
    /// @param rows   `[rows, in]`
    /// @param weight `[out, in]`
    private static float[] product(float[] rows, float[] weight, int in) {
        int out = weight.length / in;
        float[] product = new float[rows.length / in * out];
        for (int i = 0; i < product.length; i++) {
            double sum = 0;
            for (int j = 0; j < in; j++) {
                sum += (double) rows[i / out * in + j] * weight[i % out * in + j];
            }
            product[i] = (float) sum;
        }
        return product;
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
