package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Where a model lies: in a folder of its own, or as an adapter beside the folder of the model that it adapts.
public record ModelLocation(Path folder, Optional<Path> adapter) {

    /// Weights, their indices, and configs.
    private static final Pattern DECIDING =
            Pattern.compile(".*\\.(safetensors|bin)(\\.index\\.json)?|(adapter_)?config\\.json");

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

    /// What the files that decide the model's numbers are known by: real paths, sizes and times of change. Hashing
    /// them would take longer than much of what is done with them.
    public List<Object> fingerprint() throws IOException {
        List<Object> files = new ArrayList<>();
        for (Path folder : folders()) {
            try (Stream<Path> entries = Files.list(folder)) {
                for (Path file : entries.filter(ModelLocation::decides).sorted().toList()) {
                    files.add(List.of(
                            file.toRealPath().toString(),
                            Files.size(file),
                            Files.getLastModifiedTime(file).toString()));
                }
            }
        }
        return files;
    }

    private static boolean decides(Path file) {
        return DECIDING.matcher(file.getFileName().toString()).matches();
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
