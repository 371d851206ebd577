package org.lewis.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// One memory-mapped `.safetensors` file. Its tensors are views that live until it is closed.
///
/// Opening checks the whole header: its length, each dtype and shape against the bytes it claims, and that the tensors
/// follow one another from the first byte of data to the last with no gap and no overlap.
public final class Safetensors implements WeightFile {

    /// As in the reference implementation: a longer header is an attack or a mistake.
    static final long MAX_HEADER_BYTES = 100_000_000;

    static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment mapped;
    private final byte[] header;
    private final Map<String, Tensor> tensors;
    private final Map<String, String> metadata;

    private Safetensors(
            Arena arena,
            MemorySegment mapped,
            byte[] header,
            Map<String, Tensor> tensors,
            Map<String, String> metadata) {
        this.arena = arena;
        this.mapped = mapped;
        this.header = header;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /// Maps a file and checks its header.
    ///
    /// @throws CheckpointException when the file breaks a rule of the format
    public static Safetensors open(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw new CheckpointException(file + ": " + size + " bytes are too few for a header length");
            }
            return parse(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena), arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /// Writes one file with these tensors, beside its place first, so that nobody sees half of it.
    public static void write(Path file, List<Tensor> tensors, Map<String, String> metadata) throws IOException {
        List<Layout.Slot> slots = tensors.stream()
                .map(tensor -> new Layout.Slot(tensor.name(), tensor.dtype(), tensor.shape()))
                .toList();
        try (SafetensorsWriter writer = SafetensorsWriter.open(file, slots, metadata)) {
            for (Tensor tensor : tensors) {
                writer.write(tensor.name(), 0, tensor.bytes());
            }
            writer.publish();
        }
    }

    /// Views by name, in the order of their bytes.
    @Override
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /// The strings under `__metadata__`, empty when there are none.
    public Map<String, String> metadata() {
        return metadata;
    }

    /// The header's bytes, which name every tensor, dtype, shape and position.
    @Override
    public byte[] header() {
        return header.clone();
    }

    @Override
    public void release() {
        mapped.unload();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static Safetensors parse(Path file, MemorySegment mapped, Arena arena) throws CheckpointException {
        long length = mapped.get(LENGTH, 0);
        if (length < 0 || length > mapped.byteSize() - Long.BYTES) {
            throw new CheckpointException(
                    file + ": header length " + length + " does not fit a file of " + mapped.byteSize() + " bytes");
        }
        if (length > MAX_HEADER_BYTES) {
            throw new CheckpointException(
                    file + ": header length " + length + " is over the limit of " + MAX_HEADER_BYTES);
        }
        byte[] header = mapped.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        if (header.length == 0 || header[0] != '{') {
            throw new CheckpointException(file + ": the header does not start with '{'; is this a safetensors file?");
        }
        MemorySegment data = mapped.asSlice(Long.BYTES + length);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        try {
            String name = file + ": header";
            Json.parse(name, Json.utf8(name, header)).mapping().forEach((key, node) -> {
                if (key.equals("__metadata__")) {
                    node.mapping().forEach((k, value) -> metadata.put(k, value.text()));
                } else {
                    entries.add(Entry.of(file, key, node));
                }
            });
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
        return new Safetensors(
                arena, mapped, header, views(file, entries, data), Collections.unmodifiableMap(metadata));
    }

    private static Map<String, Tensor> views(Path file, List<Entry> entries, MemorySegment data)
            throws CheckpointException {
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long covered = 0;
        for (Entry entry : entries) {
            if (entry.begin() != covered) {
                throw new CheckpointException(file + ": " + entry.name() + ": begins at byte " + entry.begin()
                        + (entry.begin() < covered ? ", inside another tensor that ends at " : ", after a gap from ")
                        + covered);
            }
            if (entry.end() > data.byteSize()) {
                throw new CheckpointException(file + ": " + entry.name() + ": ends at byte " + entry.end()
                        + " of data, but the file holds " + data.byteSize() + "; it is truncated");
            }
            tensors.put(entry.name(), entry.view(data));
            covered = entry.end();
        }
        if (covered != data.byteSize()) {
            throw new CheckpointException(
                    file + ": " + (data.byteSize() - covered) + " bytes after the last tensor belong to none");
        }
        return Collections.unmodifiableMap(tensors);
    }

    /// One line of the header.
    private record Entry(String name, Dtype dtype, Shape shape, long begin, long end) {

        static Entry of(Path file, String name, Node node) {
            String where = file + ": " + name + ": ";
            node.allowing("dtype", "shape", "data_offsets");
            String dtypeName = node.get("dtype").text();
            Dtype dtype = Dtype.named(dtypeName)
                    .orElseThrow(() -> new DocumentException(where + "unknown dtype \"" + dtypeName + "\""
                            + Nearest.suggestion(
                                    dtypeName,
                                    java.util.Arrays.stream(Dtype.values())
                                            .map(Dtype::name)
                                            .toList())));
            List<Long> dimensions =
                    node.get("shape").sequence().stream().map(Node::integer).toList();
            List<Node> offsets = node.get("data_offsets").sequence();
            if (offsets.size() != 2) {
                throw new DocumentException(where + "data_offsets must be two numbers, found " + offsets.size());
            }
            long begin = offsets.get(0).integer();
            long end = offsets.get(1).integer();
            if (begin < 0 || end < begin) {
                throw new DocumentException(where + "data_offsets [" + begin + ", " + end + "] are no range");
            }
            try {
                Shape shape = new Shape(dimensions);
                long bytes = dtype.bytes(shape.elements());
                if (bytes != end - begin) {
                    throw new DocumentException(where + dtype + " " + shape + " takes " + bytes
                            + " bytes, but data_offsets span " + (end - begin));
                }
                return new Entry(name, dtype, shape, begin, end);
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new DocumentException(where + "shape " + dimensions + ": " + e.getMessage());
            }
        }

        Tensor view(MemorySegment data) {
            return new Tensor(name, dtype, shape, data.asSlice(begin, end - begin));
        }
    }
}
