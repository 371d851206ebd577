package org.lewis.forward;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/// What goes from block to block: a tensor in each of some slots. The first slots stay in memory, as many as the budget
/// allows; the others lie in a temporary file, which is gone when this is closed, however the process ends.
final class Activations implements AutoCloseable {

    private static final long PIECE = 1 << 26;

    private final long[][] shapes;
    private final Placement placement;
    private final long[] offsets;
    private final Tensor[] kept;
    private final Optional<FileChannel> file;

    /// @param shapes of the tensors by slot
    Activations(long[][] shapes, Placement placement, Resources resources) throws IOException {
        this.shapes = shapes;
        this.placement = placement;
        this.offsets = new long[shapes.length];
        long inMemory = 0;
        long onDisk = 0;
        int memorySlots = 0;
        for (int slot = 0; slot < shapes.length; slot++) {
            long bytes = bytes(slot);
            boolean stays = memorySlots == slot && inMemory + bytes <= resources.memory();
            if (stays) {
                inMemory += bytes;
                memorySlots++;
            } else {
                offsets[slot] = onDisk;
                onDisk += bytes;
            }
        }
        this.kept = new Tensor[memorySlots];
        this.file = onDisk == 0 ? Optional.empty() : Optional.of(temporary(resources.folder()));
    }

    /// The tensor of a slot, which must not be changed; valid until the slot gets another, or in the caller's scope.
    Tensor get(int slot) throws IOException {
        if (slot < kept.length) {
            return kept[slot];
        }
        Tensor tensor = torch.empty(shapes[slot], new TensorOptions(placement.type()), null);
        MemorySegment memory = Torch.memory(tensor);
        for (long at = 0; at < memory.byteSize(); at += PIECE) {
            ByteBuffer piece = piece(memory, at);
            for (long from = offsets[slot] + at; piece.hasRemaining(); ) {
                int count = file.orElseThrow().read(piece, from);
                if (count < 0) {
                    throw new IOException("the file of activations was cut short");
                }
                from += count;
            }
        }
        return placement.place(tensor);
    }

    /// Puts a tensor into a slot, which it outlives the caller's scope in.
    void set(int slot, Tensor tensor) throws IOException {
        Tensor rows = tensor.contiguous();
        if (slot < kept.length) {
            Tensor old = kept[slot];
            kept[slot] = Torch.retain(rows);
            if (old != null) {
                Torch.release(old);
            }
            return;
        }
        MemorySegment memory = Tensors.memory(rows);
        for (long at = 0; at < memory.byteSize(); at += PIECE) {
            ByteBuffer piece = piece(memory, at);
            for (long to = offsets[slot] + at; piece.hasRemaining(); ) {
                to += file.orElseThrow().write(piece, to);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Tensor tensor : kept) {
            if (tensor != null) {
                Torch.release(tensor);
            }
        }
        if (file.isPresent()) {
            file.get().close();
        }
    }

    private long bytes(int slot) {
        long elements = 1;
        for (long dimension : shapes[slot]) {
            elements *= dimension;
        }
        return placement.bytes(elements);
    }

    private static ByteBuffer piece(MemorySegment memory, long at) {
        return memory.asSlice(at, Math.min(PIECE, memory.byteSize() - at)).asByteBuffer();
    }

    /// Where the system allows it, the file has no name any more when it gets its first byte.
    private static FileChannel temporary(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path path = Files.createTempFile(folder, "activations", ".spill");
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // A file that is open cannot lose its name here; it goes when it is closed.
        }
        return channel;
    }
}
