package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Finds the folder of a model that somebody named: from the working directory, else beside the file that names
/// it, else in the hub's cache.
///
/// @param beside the folder of the recipe or config that names models; empty on the command line
public record ModelFinder(Optional<Path> beside, HubCache hub) {

    public static ModelFinder beside(Path folder) {
        return new ModelFinder(Optional.of(folder), HubCache.standard());
    }

    /// For names on the command line.
    public static ModelFinder standard() {
        return new ModelFinder(Optional.empty(), HubCache.standard());
    }

    /// A model, and the adapter that is applied to it if one is named.
    ///
    /// @param revision of a model of the hub
    /// @throws CheckpointException when one of them is nowhere
    public ModelLocation locate(String name, Optional<String> revision, Optional<String> adapter) throws IOException {
        Path folder = find("model", name, revision);
        return adapter.isEmpty()
                ? ModelLocation.of(folder)
                : new ModelLocation(
                        folder, Optional.of(Adapter.within(find("adapter", adapter.get(), Optional.empty()))));
    }

    /// @param what     a word for messages: `model` or `adapter`
    /// @param revision for a model of the hub
    /// @throws CheckpointException when it is nowhere
    public Path find(String what, String name, Optional<String> revision) throws IOException {
        Path given = Path.of(name);
        if (Files.isDirectory(given)) {
            return given;
        }
        if (beside.isPresent() && Files.isDirectory(beside.get().resolve(given))) {
            return beside.get().resolve(given);
        }
        return hub.find(name, revision)
                .orElseThrow(() -> new CheckpointException(name + ": no such " + what
                        + " folder, neither in the working"
                        + " directory"
                        + beside.map(folder -> ", nor in " + folder).orElse("")
                        + ", nor in the hub's cache " + hub.folder() + ", to which it has to be downloaded first"));
    }
}
