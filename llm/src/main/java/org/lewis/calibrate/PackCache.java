package org.lewis.calibrate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.Sha256;
import org.lewis.document.Json;
import org.lewis.forward.BlockStream;

/// Packs that were computed before, for the same model files and the same token ids.
///
/// A model is known by the real path, size and time of change of its weight and config files: hashing them would take
/// longer than the pass that is to be saved.
///
/// @param folder holds one file for each pass
public record PackCache(Path folder) {

    /// Changes whenever statistics are computed or stored in another way.
    private static final int VERSION = 6;

    /// `LEWIS_CACHE`, else `lewis` in `XDG_CACHE_HOME` or `~/.cache`.
    public static PackCache standard() {
        String own = System.getenv("LEWIS_CACHE");
        String common = System.getenv("XDG_CACHE_HOME");
        Path root = own != null && !own.isBlank()
                ? Path.of(own)
                : (common != null && !common.isBlank()
                                ? Path.of(common)
                                : Path.of(System.getProperty("user.home"), ".cache"))
                        .resolve("lewis");
        return new PackCache(root.resolve("packs"));
    }

    /// @param reused  whether they were found instead of computed
    /// @param problem why those found could not be used, or those computed not be kept: it cost time, no more
    public record Found(Pack pack, boolean reused, Optional<String> problem) {}

    /// Finds the pack, or computes and keeps it. Parameters as in [Calibration#run].
    public Found get(ModelLocation model, Calibration calibration, CalibrationText text, BlockStream.Progress progress)
            throws IOException {
        Path file = folder.resolve(key(model, calibration, text) + ".safetensors");
        List<String> problems = new ArrayList<>();
        if (Files.exists(file)) {
            try {
                return new Found(Pack.read(file), true, Optional.empty());
            } catch (IOException e) {
                problems.add("statistics of an earlier run are damaged and computed again: " + e.getMessage());
            }
        }
        Pack pack = calibration.run(model, text, progress);
        try {
            Files.createDirectories(folder);
            pack.write(file);
        } catch (IOException e) {
            problems.add("statistics cannot be kept for the next time in " + folder + ": " + e.getMessage());
        }
        return new Found(pack, false, problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems)));
    }

    private static String key(ModelLocation model, Calibration calibration, CalibrationText text) throws IOException {
        Map<String, Object> identity = new TreeMap<>();
        identity.put("version", VERSION);
        identity.put("files", model.fingerprint());
        identity.put("precision", calibration.precision().key());
        identity.put("device", calibration.resources().device().name());
        identity.put("sparsity_ratio", calibration.sparsityRatio());
        identity.put("text", List.of(text.idsHash(), text.textHash(), text.template(), text.seed()));
        return hash(identity);
    }

    /// A name for what is computed of models and of anything else.
    ///
    /// @param identity all that decides it but the models; as JSON has it
    public static String key(Map<String, Object> identity, List<ModelLocation> models) throws IOException {
        Map<String, Object> all = new TreeMap<>(identity);
        List<Object> files = new ArrayList<>();
        for (ModelLocation model : models) {
            files.add(model.fingerprint());
        }
        all.put("models", files);
        return hash(all);
    }

    private static String hash(Map<String, Object> identity) {
        return Sha256.of(Json.compact(identity).getBytes(StandardCharsets.UTF_8));
    }
}
