package org.lewis.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lewis.checkpoint.HubCache;

/// Calibration text as people name it: a file, or `mbpp` and `gsm8k` as the scripts of LEWIS do, which are read from
/// the hub's cache.
///
/// @param template how rows become text unless somebody says otherwise
public record NamedText(Path file, String template) {

    /// For files, whose fields nobody knows.
    private static final String STANDARD = "{question} {answer}";

    /// @param folder where a file is looked for when the working directory does not have it
    /// @return empty when there is no such file, and no data set is known by the name
    /// @throws IOException when the data set is not in the cache
    public static Optional<NamedText> find(String name, Path folder, HubCache hub) throws IOException {
        for (Path path : List.of(Path.of(name), folder.resolve(name))) {
            if (Files.isRegularFile(path)) {
                return Optional.of(new NamedText(path, templateOf(name)));
            }
        }
        Optional<DataSet.Known> known = DataSet.Known.of(name);
        return known.isEmpty()
                ? Optional.empty()
                : Optional.of(new NamedText(known.get().file(folder, hub), templateOf(name)));
    }

    /// The template of a name, wherever its rows are.
    public static String templateOf(String name) {
        return DataSet.Known.of(name).map(DataSet.Known::template).orElse(STANDARD);
    }
}
