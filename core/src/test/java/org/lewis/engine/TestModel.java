package org.lewis.engine;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.lewis.checkpoint.CheckpointWriter;
import org.lewis.checkpoint.Layout;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Rounding;
import org.lewis.tensor.Shape;

/// Builds small model folders.
public final class TestModel {

    private final Map<Layout.Slot, byte[]> tensors = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private long shardBytes = Long.MAX_VALUE;

    private TestModel() {}

    /// A model without tensors.
    public static TestModel empty() {
        return new TestModel().file("config.json", "{\"model_type\": \"test\", \"torch_dtype\": \"float32\"}");
    }

    /// Two layers, an embedding table and a norm, of random values.
    public static TestModel random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TestModel model = empty();
        model.add("model.embed_tokens.weight", Dtype.F32, Shape.of(50, 16), noise(random, 800));
        for (int layer = 0; layer < 2; layer++) {
            String at = "model.layers." + layer + ".";
            model.add(at + "mlp.up_proj.weight", Dtype.F32, Shape.of(32, 16), noise(random, 512));
            model.add(at + "self_attn.q_proj.weight", Dtype.F32, Shape.of(16, 16), noise(random, 256));
        }
        return model.add("model.norm.weight", Dtype.F32, Shape.of(16), noise(random, 16));
    }

    public TestModel add(String name, Dtype dtype, Shape shape, float... values) {
        byte[] bytes = new byte[Math.toIntExact(dtype.bytes(shape.elements()))];
        Rounding.write(values, values.length, dtype, MemorySegment.ofArray(bytes), 0);
        return add(name, dtype, shape, bytes);
    }

    public TestModel add(String name, Dtype dtype, Shape shape, byte[] bytes) {
        without(name).tensors.put(new Layout.Slot(name, dtype, shape), bytes);
        return this;
    }

    public TestModel without(String name) {
        tensors.keySet().removeIf(slot -> slot.name().equals(name));
        return this;
    }

    /// Every tensor under a longer name.
    public TestModel prefixed(String prefix) {
        Map<Layout.Slot, byte[]> renamed = new LinkedHashMap<>();
        tensors.forEach(
                (slot, bytes) -> renamed.put(new Layout.Slot(prefix + slot.name(), slot.dtype(), slot.shape()), bytes));
        tensors.clear();
        tensors.putAll(renamed);
        return this;
    }

    public TestModel file(String name, String text) {
        files.put(name, text);
        return this;
    }

    public TestModel inShardsOf(long bytes) {
        shardBytes = bytes;
        return this;
    }

    public Path write(Path folder) throws IOException {
        Layout layout = Layout.of(new ArrayList<>(tensors.keySet()), shardBytes);
        try (CheckpointWriter writer = CheckpointWriter.open(folder, layout)) {
            for (Map.Entry<Layout.Slot, byte[]> tensor : tensors.entrySet()) {
                writer.write(tensor.getKey().name(), 0, ByteBuffer.wrap(tensor.getValue()));
            }
            for (Map.Entry<String, String> file : files.entrySet()) {
                writer.write(file.getKey(), file.getValue());
            }
            writer.publish(false);
        }
        return folder;
    }

    static float[] noise(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// Everything that a folder holds, by file name.
    static Map<String, List<Byte>> contents(Path folder) throws IOException {
        Map<String, List<Byte>> contents = new java.util.TreeMap<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                List<Byte> bytes = new ArrayList<>();
                for (byte b : Files.readAllBytes(file)) {
                    bytes.add(b);
                }
                contents.put(file.getFileName().toString(), bytes);
            }
        }
        return contents;
    }
}
