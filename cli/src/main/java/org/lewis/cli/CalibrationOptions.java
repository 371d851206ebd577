package org.lewis.cli;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lewis.calibrate.PackCache;
import org.lewis.forward.DeviceException;
import org.lewis.guidance.LewisRun;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What commands that guide merges have in common.
final class CalibrationOptions {

    @Mixin
    private PassOptions pass;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where packs are kept for the next time (default: lewis/packs in the cache folder).")
    private Path cache;

    @Option(
            names = "--pack",
            paramLabel = "MODEL=FILE",
            description =
                    "A calibration pack of one model, which then need not run; may be repeated. MODEL is a type of"
                            + " the config, or a name as it stands in the recipe or in the table of a comparison.")
    private Map<String, Path> packs = new LinkedHashMap<>();

    /// Refuses packs that nothing would read.
    ///
    /// @param models by the names that packs may be given for
    /// @param source what names them, for the message
    void requirePacksOf(Collection<String> models, String source, Subcommand command) {
        for (String model : packs.keySet()) {
            if (!models.contains(model)) {
                throw command.usage("--pack: " + source + " names no model \"" + model + "\""
                        + (models.isEmpty() ? " to calibrate" : "; known: " + String.join(", ", models)));
            }
        }
    }

    LewisRun run(Console console) throws DeviceException {
        PackCache kept = cache == null ? PackCache.standard() : new PackCache(cache);
        return new LewisRun(
                kept, pass.precision(), pass.resources(kept.folder()), packs, new CalibrationProgress(console));
    }
}
