package org.lewis.cli;

import java.nio.file.Path;
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
                            + " the config, or a name as it stands in the recipe.")
    private Map<String, Path> packs = new LinkedHashMap<>();

    LewisRun run(Console console) throws DeviceException {
        PackCache kept = cache == null ? PackCache.standard() : new PackCache(cache);
        return new LewisRun(
                kept, pass.precision(), pass.resources(kept.folder()), packs, new CalibrationProgress(console));
    }
}
