package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.lewis.tensor.Tensor;

/// One mapped file of weights, in either of the field's formats.
public sealed interface WeightFile extends AutoCloseable permits Safetensors, TorchFile {

    /// Views by name, valid until the file is closed.
    Map<String, Tensor> tensors();

    /// The bytes that describe the tensors, without their values.
    byte[] header();

    /// Gives all pages back that this process holds of the file; reading goes on, and fetches what it needs
    /// again. After single tensors were released, those around their ends remain.
    void release();

    @Override
    void close();

    /// Opens a file by the ending of its name.
    ///
    /// @throws CheckpointException when it is damaged
    static WeightFile open(Path file) throws IOException {
        return file.toString().endsWith(".safetensors") ? Safetensors.open(file) : TorchFile.open(file);
    }
}
