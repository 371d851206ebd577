package org.lewis.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.lewis.guidance.LewisRun;

/// A bar per model: which block is at work, tokens per second through the whole model, and the time left.
final class CalibrationProgress implements LewisRun.Listener {

    private final Console console;
    private Optional<Progress> bar = Optional.empty();

    CalibrationProgress(Console console) {
        this.console = console;
    }

    @Override
    public void passed(String model, int block, int ofBlocks, long tokens, long ofTokens) {
        if (bar.isEmpty()) {
            bar = Optional.of(console.progress("calibrating " + shown(model), ofTokens / ofBlocks, "tokens"));
        }
        bar.get().to(tokens / ofBlocks, "block " + (block + 1) + " of " + ofBlocks);
        if (tokens == ofTokens) {
            bar.get().close();
            bar = Optional.empty();
        }
    }

    /// A folder below the working directory as it is called from there: recipes may reach it by detours.
    private static String shown(String model) {
        Path here = Path.of("").toAbsolutePath();
        Path folder = here.resolve(model).normalize();
        return Files.isDirectory(folder) && folder.startsWith(here)
                ? here.relativize(folder).toString()
                : model;
    }

    @Override
    public void reused(String model) {
        console.note("calibrating " + shown(model) + ": statistics of an earlier run are reused");
    }

    @Override
    public void problem(String model, String problem) {
        console.note("calibrating " + shown(model) + ": " + problem);
    }
}
