package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.lewis.document.Node;
import org.lewis.tensor.ReadableTensor;

/// A model as whoever runs it sees it: a config, and tensors by name, stored or computed while they are read. Tensors
/// are valid until it is closed.
public interface ReadableModel extends AutoCloseable {

    /// What to call it in messages.
    String name();

    /// Holds the tokenizer, and what else stands beside weights.
    Path folder();

    /// The model's `config.json`.
    ///
    /// @throws CheckpointException when it is missing or no JSON
    Node config() throws IOException;

    /// All tensors, sorted by name.
    Map<String, ? extends ReadableTensor> tensors();

    @Override
    void close();
}
