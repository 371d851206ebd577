package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// A model that lies on the disk: a checkpoint, or one with an adapter.
public sealed interface StoredModel extends ReadableModel permits Checkpoint, AdaptedModel {

    /// Where most of its weights are.
    Checkpoint checkpoint();

    /// Every file that its weights come from, with the bytes of its header, in a fixed order.
    Map<Path, byte[]> headers() throws IOException;
}
