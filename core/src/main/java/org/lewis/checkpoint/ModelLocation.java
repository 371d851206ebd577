package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a model lies: in a folder of its own, or as an adapter beside the folder of the model that it adapts.
public record ModelLocation(Path folder, Optional<Path> adapter) {

    /// A model without an adapter.
    public static ModelLocation of(Path folder) {
        return new ModelLocation(folder, Optional.empty());
    }

    /// @throws CheckpointException when weights are missing or damaged, or the adapter is for another model
    public StoredModel open() throws IOException {
        return adapter.isPresent() ? AdaptedModel.open(folder, adapter.get()) : Checkpoint.open(folder);
    }

    /// The folders that hold what the model computes with.
    public List<Path> folders() {
        return Stream.concat(Stream.of(folder), adapter.stream()).toList();
    }

    /// The real name of the folder, and of the adapter's, without the folders above.
    public String shortName() throws IOException {
        StringBuilder name = new StringBuilder();
        for (Path path : folders()) {
            name.append(name.isEmpty() ? "" : "+").append(path.toRealPath().getFileName());
        }
        return name.toString();
    }

    @Override
    public String toString() {
        return folder + adapter.map(path -> "+" + path).orElse("");
    }
}
