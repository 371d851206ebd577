package org.lewis.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.lewis.checkpoint.Folders;
import org.lewis.checkpoint.ReadableModel;

/// A merged model, ready to be evaluated.
///
/// @param kept      share of the fine-tunes' linear layers
/// @param temporary folder that is deleted with it
record Made(ReadableModel model, double kept, Optional<Path> temporary) implements AutoCloseable {
    @Override
    public void close() throws IOException {
        model.close();
        if (temporary.isPresent()) {
            Folders.delete(temporary.get());
        }
    }
}
