package org.lewis.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.document.Json;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// Where every byte of a checkpoint goes, known before the first is written: the shards, their headers, and the
/// position of each tensor in its shard.
///
/// @param shards    in order; one alone is called `model.safetensors`
/// @param positions by tensor name
public record Layout(List<Shard> shards, Map<String, Position> positions) {

    /// Header values end on a multiple of it, so that tensors are aligned for whoever maps the file.
    private static final int ALIGNMENT = 8;

    /// A tensor to be written.
    public record Slot(String name, Dtype dtype, Shape shape) {

        public long bytes() {
            return dtype.bytes(shape.elements());
        }
    }

    /// @param header length field and header, ready to write
    /// @param bytes  of the whole file
    public record Shard(String file, byte[] header, long bytes) {}

    /// @param offset of the tensor's first byte in the file
    public record Position(String file, long offset, Slot slot) {}

    /// Lays tensors out in the given order, in shards of at most `shardBytes` of data unless one tensor is larger.
    public static Layout of(List<Slot> slots, long shardBytes) {
        List<List<Slot>> groups = new ArrayList<>();
        long filled = Long.MAX_VALUE;
        for (Slot slot : slots) {
            if (groups.isEmpty() || filled + slot.bytes() > shardBytes) {
                groups.add(new ArrayList<>());
                filled = 0;
            }
            groups.getLast().add(slot);
            filled += slot.bytes();
        }
        if (groups.isEmpty()) {
            groups.add(List.of());
        }
        List<Shard> shards = new ArrayList<>();
        Map<String, Position> positions = new LinkedHashMap<>();
        for (int i = 0; i < groups.size(); i++) {
            String file = groups.size() == 1
                    ? Checkpoint.SINGLE
                    : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, groups.size());
            shards.add(shard(file, groups.get(i), positions));
        }
        return new Layout(List.copyOf(shards), positions);
    }

    /// Bytes of all files together.
    public long bytes() {
        return shards.stream().mapToLong(Shard::bytes).sum();
    }

    /// The index that names the shard of each tensor, as JSON.
    String index() {
        Map<String, Object> files = new TreeMap<>();
        positions.forEach((name, position) -> files.put(name, position.file()));
        long data = positions.values().stream().mapToLong(p -> p.slot().bytes()).sum();
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", data));
        index.put("weight_map", files);
        return Json.pretty(index);
    }

    private static Shard shard(String file, List<Slot> slots, Map<String, Position> positions) {
        // Readers of the field take weights without this entry for those of another framework.
        byte[] header = header(slots, Map.of("format", "pt"));
        long offset = header.length;
        for (Slot slot : slots) {
            positions.put(slot.name(), new Position(file, offset, slot));
            offset += slot.bytes();
        }
        return new Shard(file, header, offset);
    }

    /// Length field and header of a file that holds these tensors one after the other.
    static byte[] header(List<Slot> slots, Map<String, String> metadata) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("__metadata__", new TreeMap<>(metadata));
        long end = 0;
        for (Slot slot : slots) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", slot.dtype().name());
            entry.put("shape", slot.shape().dimensions());
            entry.put("data_offsets", List.of(end, end + slot.bytes()));
            header.put(slot.name(), entry);
            end += slot.bytes();
        }
        byte[] json = Json.compact(header).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded)
                .put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }
}
