package org.lewis.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes one `.safetensors` file whose tensors may come in any order and in pieces. It stands beside its place until
/// it is published, so that nobody sees half of it; closed before that, it leaves nothing.
public final class SafetensorsWriter implements AutoCloseable {

    /// Bytes that are written at once: a buffer cannot span more than an int counts.
    private static final long PIECE = 1 << 26;

    private final Path target;
    private final BesideFile file;
    private final Map<String, Long> offsets;

    private SafetensorsWriter(Path target, BesideFile file, Map<String, Long> offsets) {
        this.target = target;
        this.file = file;
        this.offsets = offsets;
    }

    /// @param slots    all tensors, in the order of their bytes
    /// @param metadata strings for the header
    public static SafetensorsWriter open(Path file, List<Layout.Slot> slots, Map<String, String> metadata)
            throws IOException {
        byte[] header = Layout.header(slots, metadata);
        Map<String, Long> offsets = new LinkedHashMap<>();
        long end = header.length;
        for (Layout.Slot slot : slots) {
            offsets.put(slot.name(), end);
            end += slot.bytes();
        }
        BesideFile beside = BesideFile.open(file);
        try {
            SafetensorsWriter writer = new SafetensorsWriter(file, beside, offsets);
            writer.write(0, MemorySegment.ofArray(header));
            return writer;
        } catch (Throwable e) {
            beside.close();
            throw e;
        }
    }

    /// Writes bytes of a tensor.
    ///
    /// @param from position of the first in the tensor
    public void write(String tensor, long from, MemorySegment bytes) throws IOException {
        Long offset = offsets.get(tensor);
        if (offset == null) {
            throw new IllegalArgumentException(target + " was not to hold " + tensor);
        }
        write(offset + from, bytes);
    }

    /// Moves the file to its place. What was never written is zero.
    public void publish() throws IOException {
        file.publish();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void write(long position, MemorySegment bytes) throws IOException {
        for (long at = 0; at < bytes.byteSize(); at += PIECE) {
            ByteBuffer piece =
                    bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at)).asByteBuffer();
            long start = position + at;
            try {
                while (piece.hasRemaining()) {
                    start += file.channel().write(piece, start);
                }
            } catch (IOException e) {
                throw new IOException(target + ": " + e.getMessage(), e); // the system names no file
            }
        }
    }
}
