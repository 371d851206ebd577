package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelFinder;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.recipe.ModelReference;

/// Models as they are named on the command line: a folder or a hub name, perhaps with a revision and an adapter.
final class Models {

    static final String HELP = "a folder in the HuggingFace layout, or a name in the hub's cache; FOLDER+ADAPTER"
            + " applies a LoRA adapter.";

    private Models() {}

    /// @throws CheckpointException when it is nowhere
    static ModelLocation locate(String name) throws IOException {
        try {
            if (Files.isDirectory(Path.of(name))) {
                return ModelLocation.of(Path.of(name));
            }
            ModelReference reference = ModelReference.of(name);
            return ModelFinder.standard().locate(reference.path(), reference.revision(), reference.adapter());
        } catch (InvalidPathException e) {
            throw new CheckpointException(name + ": is no path");
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(e.getMessage());
        }
    }
}
