package org.lewis.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.engine.TestModel;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Rounding;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// Parts of adapters beside the plain pair of factors, under the names that versions of PEFT gave them.
final class AdapterPartsTest {

    private static final String Q = "model.layers.0.q";
    private static final String AT = "base_model.model." + Q;

    private final List<Tensor> parts = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeEach
    void writeBase() throws IOException {
        TestModel.empty()
                .add(Q + ".weight", Dtype.F32, Shape.of(2, 2), 1, 2, 3, 4)
                .add(Q + ".bias", Dtype.F32, Shape.of(2), 10, 20)
                .add("model.embed_tokens.weight", Dtype.F32, Shape.of(2, 2), 5, 6, 7, 8)
                .write(folder.resolve("base"));
        part(AT + ".lora_A.weight", Shape.of(1, 2), 1, 0);
        part(AT + ".lora_B.weight", Shape.of(2, 1), 0, 1);
    }

    @Test
    void factorsCountByAlphaOverTheRank() throws IOException {
        assertThat(applied(Q + ".weight")).containsExactly(1, 2, 6, 4);
        assertThat(applied(Q + ".bias")).containsExactly(10, 20);
    }

    @Test
    void aTrainedBiasLiesWithinTheLayerThatIsAdapted() throws IOException {
        part(AT + ".base_layer.bias", Shape.of(2), 11, 22);
        assertThat(applied(Q + ".bias")).containsExactly(11, 22);
    }

    @Test
    void olderVersionsSavedATrainedBiasUnderItsOwnName() throws IOException {
        part(AT + ".bias", Shape.of(2), 11, 22);
        assertThat(applied(Q + ".bias")).containsExactly(11, 22);
    }

    @Test
    void aBiasOfTheSecondFactorIsAddedByTheSameScale() throws IOException {
        part(AT + ".lora_B.bias", Shape.of(2), 1, 2);
        assertThat(applied(Q + ".bias")).containsExactly(13, 26);
    }

    @Test
    void aTableMayBeSavedAndAdapted() throws IOException {
        String table = "base_model.model.model.embed_tokens";
        part(table + ".base_layer.weight", Shape.of(2, 2), 0, 0, 1, 1);
        part(table + ".lora_embedding_A", Shape.of(1, 2), 1, 0);
        part(table + ".lora_embedding_B", Shape.of(2, 1), 1, 2);
        assertThat(applied("model.embed_tokens.weight")).containsExactly(3, 6, 1, 1);
    }

    @Test
    void aHeadIsNotMissedWhereItIsTheEmbeddings() throws IOException {
        part("base_model.model.model.embed_tokens.weight", Shape.of(2, 2), 1, 1, 2, 2);
        part("base_model.model.lm_head.weight", Shape.of(2, 2), 1, 1, 2, 2);
        assertThat(applied("model.embed_tokens.weight")).containsExactly(1, 1, 2, 2);
    }

    @Test
    void aHeadOfItsOwnIsRefusedWhereTheBaseTiesIt() throws IOException {
        part("base_model.model.model.embed_tokens.weight", Shape.of(2, 2), 1, 1, 2, 2);
        part("base_model.model.lm_head.weight", Shape.of(2, 2), 1, 1, 2, 3);
        refused("base_model.model.lm_head.weight belongs to no tensor of ");
    }

    @Test
    void biasesThatTheBaseLacksAreRefused() throws IOException {
        TestModel.empty()
                .add(Q + ".weight", Dtype.F32, Shape.of(2, 2), 1, 2, 3, 4)
                .write(folder.resolve("other"));
        part(AT + ".lora_B.bias", Shape.of(2), 1, 2);
        write();
        try (Checkpoint base = Checkpoint.open(folder.resolve("other"));
                Adapter adapter = Adapter.open(folder.resolve("adapter"))) {
            assertThatThrownBy(() -> adapter.applyTo(base))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("adds to the bias of model.layers.0.q, which ");
        }
    }

    @Test
    void partsOfUnknownKindAreRefused() throws IOException {
        part(AT + ".lora_C.weight", Shape.of(1), 1);
        refused(AT + ".lora_C.weight belongs to no tensor of ");
    }

    private void part(String name, Shape shape, float... values) {
        byte[] bytes = new byte[values.length * Float.BYTES];
        Rounding.write(values, values.length, Dtype.F32, MemorySegment.ofArray(bytes), 0);
        parts.add(new Tensor(name, Dtype.F32, shape, MemorySegment.ofArray(bytes)));
    }

    private void write() throws IOException {
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        Safetensors.write(adapter.resolve("adapter_model.safetensors"), parts, Map.of());
        Files.writeString(adapter.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"lora_alpha\": 3}");
    }

    private float[] applied(String tensor) throws IOException {
        write();
        try (Checkpoint base = Checkpoint.open(folder.resolve("base"));
                Adapter adapter = Adapter.open(folder.resolve("adapter"))) {
            ReadableTensor found = adapter.applyTo(base).get(tensor);
            float[] values = new float[(int) found.elements()];
            found.read(0, values.length, values);
            return values;
        }
    }

    private void refused(String message) throws IOException {
        assertThatThrownBy(() -> applied(Q + ".weight"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
    }
}
