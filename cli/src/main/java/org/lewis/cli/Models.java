package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.lewis.checkpoint.Adapter;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelFinder;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.compare.FineTune;
import org.lewis.recipe.ModelReference;

/// Models as they are named on the command line: a folder or a hub name, perhaps with a revision and an adapter.
final class Models {

    static final String HELP = "a folder in the HuggingFace layout, or a name in the hub's cache; FOLDER+ADAPTER"
            + " applies a LoRA adapter.";

    private Models() {}

    /// A fine-tune of a comparison; the folder of an adapter alone stands for the base with it.
    static FineTune fineTune(ModelReference base, String name) throws IOException {
        Path folder = Path.of(name);
        ModelReference model = Files.isDirectory(folder) && Adapter.isIn(folder)
                ? new ModelReference(base.path(), base.revision(), Optional.of(name))
                : ModelReference.of(name);
        return FineTune.of(model);
    }

    /// @throws CheckpointException when it is nowhere
    static ModelLocation locate(ModelReference reference) throws IOException {
        return ModelFinder.standard().locate(reference.path(), reference.revision(), reference.adapter());
    }

    /// @throws CheckpointException when it is nowhere
    static ModelLocation locate(String name) throws IOException {
        try {
            if (Files.isDirectory(Path.of(name))) {
                return ModelLocation.of(Path.of(name));
            }
            return locate(ModelReference.of(name));
        } catch (InvalidPathException e) {
            throw new CheckpointException(name + ": is no path");
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(e.getMessage());
        }
    }
}
