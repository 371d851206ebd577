package org.lewis.forward;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.Json;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// A copy of a small model with something different about its weights.
public final class ModelFiles {

    private record Entry(Dtype dtype, Shape shape, byte[] bytes) {}

    private final Path target;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private int shift;

    private ModelFiles(Path target) {
        this.target = target;
    }

    public static ModelFiles copy(Path source, Path target) throws IOException {
        Files.copy(source.resolve("config.json"), target.resolve("config.json"));
        ModelFiles files = new ModelFiles(target);
        try (Safetensors weights = Safetensors.open(source.resolve("model.safetensors"))) {
            weights.tensors()
                    .forEach((name, tensor) -> files.entries.put(
                            name,
                            new Entry(
                                    tensor.dtype(),
                                    tensor.shape(),
                                    tensor.bytes().toArray(ValueLayout.JAVA_BYTE))));
        }
        return files;
    }

    /// Adds a tenth of noise to every float32 weight, as if the model had been tuned.
    public ModelFiles stir(long seed) {
        Random random = new Random(seed);
        entries.replaceAll((_, entry) -> {
            ByteBuffer floats = ByteBuffer.wrap(entry.bytes().clone()).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < entry.bytes().length; at += Float.BYTES) {
                floats.putFloat(at, floats.getFloat(at) * (float) (1 + 0.1 * random.nextGaussian()));
            }
            return new Entry(entry.dtype(), entry.shape(), floats.array());
        });
        return this;
    }

    /// A tensor of zeros.
    ModelFiles add(String name, long... dimensions) {
        Shape shape = Shape.of(dimensions);
        entries.put(name, new Entry(Dtype.F32, shape, new byte[Math.toIntExact(Dtype.F32.bytes(shape.elements()))]));
        return this;
    }

    /// A float32 tensor of normal numbers, in place of any of that name.
    ModelFiles random(String name, long seed, long... dimensions) {
        add(name, dimensions);
        Random random = new Random(seed);
        ByteBuffer floats = ByteBuffer.wrap(entries.get(name).bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (floats.hasRemaining()) {
            floats.putFloat((float) random.nextGaussian());
        }
        return this;
    }

    ModelFiles zero(String name) {
        Entry entry = entries.get(name);
        entries.put(name, new Entry(entry.dtype(), entry.shape(), new byte[entry.bytes().length]));
        return this;
    }

    ModelFiles remove(String name) {
        entries.remove(name);
        return this;
    }

    ModelFiles rename(UnaryOperator<String> newName) {
        Map<String, Entry> renamed = new LinkedHashMap<>();
        entries.forEach((name, entry) -> renamed.put(newName.apply(name), entry));
        entries.clear();
        entries.putAll(renamed);
        return this;
    }

    /// From float32, towards zero for bfloat16.
    ModelFiles convert(Dtype dtype) {
        entries.replaceAll((_, entry) -> {
            ByteBuffer floats = ByteBuffer.wrap(entry.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            int count = entry.bytes().length / Float.BYTES;
            ByteBuffer converted =
                    ByteBuffer.allocate(Math.toIntExact(dtype.bytes(count))).order(ByteOrder.LITTLE_ENDIAN);
            while (floats.hasRemaining()) {
                float value = floats.getFloat();
                switch (dtype) {
                    case BF16 -> converted.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
                    case F16 -> converted.putShort(Float.floatToFloat16(value));
                    case F64 -> converted.putDouble(value);
                    default -> throw new IllegalArgumentException("to " + dtype);
                }
            }
            return new Entry(dtype, entry.shape(), converted.array());
        });
        return this;
    }

    /// Moves all data by that many bytes beyond a multiple of eight.
    ModelFiles shiftBy(int bytes) {
        shift = bytes;
        return this;
    }

    public void write() throws IOException {
        Map<String, Object> header = new LinkedHashMap<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        entries.forEach((name, entry) -> {
            long begin = data.size();
            data.writeBytes(entry.bytes());
            header.put(
                    name,
                    Map.of(
                            "dtype", entry.dtype().name(),
                            "shape", entry.shape().dimensions(),
                            "data_offsets", List.of(begin, (long) data.size())));
        });
        String text = Json.compact(header);
        byte[] padded = (text + " ".repeat(8 - text.length() % 8 + shift)).getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + padded.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded.length).put(padded).put(data.toByteArray());
        Files.write(target.resolve("model.safetensors"), file.array());
    }
}
