package org.lewis.calibrate;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.zip.CRC32;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.checkpoint.Sha256;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// What a model is known by, wherever it lies and however it is cut into shards: SHA-256 of `config.json` and of every
/// tensor's name, dtype, shape and the CRC-32 of its bytes, in the order of names. It tells models apart that differ by
/// training or damage, and takes far less time than SHA-256 of the bytes.
public final class ModelHash {

    private static final long PIECE = 1 << 24;

    private ModelHash() {}

    /// Reads all weights once, on all threads.
    public static String of(ReadableModel model) throws IOException {
        List<byte[]> tensors = List.copyOf(model.tensors().values()).parallelStream()
                .map(ModelHash::computed)
                .toList();
        byte[] config = Files.readAllBytes(model.folder().resolve("config.json"));
        return Sha256.of(target -> {
            target.write(Sha256.bytes(config));
            for (byte[] tensor : tensors) {
                target.write(tensor);
            }
        });
    }

    private static byte[] computed(ReadableTensor tensor) {
        try (Arena arena = Arena.ofConfined()) {
            return of(tensor.inMemory(arena));
        } finally {
            tensor.release(0, tensor.elements());
        }
    }

    private static byte[] of(Tensor tensor) {
        CRC32 checksum = new CRC32();
        for (long at = 0; at < tensor.bytes().byteSize(); at += PIECE) {
            long count = Math.min(PIECE, tensor.bytes().byteSize() - at);
            ByteBuffer piece = tensor.bytes().asSlice(at, count).asByteBuffer();
            checksum.update(piece);
        }
        String text = tensor.name() + "\n" + tensor.dtype() + " " + tensor.shape() + "\n" + checksum.getValue() + "\n";
        return Sha256.bytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
