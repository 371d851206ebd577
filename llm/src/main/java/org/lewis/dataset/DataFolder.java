package org.lewis.dataset;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A folder of data files, cut into splits by their names as the hub's data sets are: `test.jsonl`,
/// `gsm8k_test.jsonl`, `main/test-00000-of-00002.parquet` and `test/rows.csv` are of the split `test`.
///
/// @param config a folder inside that alone counts
record DataFolder(Path folder, Optional<String> config) {

    /// Words for one split.
    private static final List<Set<String>> SYNONYMS = List.of(
            Set.of("train", "training"),
            Set.of("validation", "valid", "val", "dev"),
            Set.of("test", "testing", "eval", "evaluation"));

    private static final int DEPTH = 4;

    /// The files of a split, sorted.
    ///
    /// @param name empty for all files
    /// @throws IOException when there are none, or those of several configurations
    List<Path> split(String name) throws IOException {
        Path root = root();
        List<Path> files = dataFiles(root);
        List<Path> chosen = files.stream()
                .filter(file -> name.isEmpty() || isOf(name, root.relativize(file)))
                .toList();
        if (chosen.isEmpty()) {
            throw new IOException(root + ": holds no data" + (name.isEmpty() ? "" : " of a split " + name)
                    + "; the files are " + files.stream().map(root::relativize).toList());
        }
        Set<Path> folders = chosen.stream().map(Path::getParent).collect(Collectors.toCollection(TreeSet::new));
        if (folders.size() > 1 && config.isEmpty()) {
            throw new IOException(
                    root + ": has several configurations, " + names(root, folders) + "; `config` chooses one");
        }
        Set<Format> formats = chosen.stream().map(Format::of).collect(Collectors.toCollection(TreeSet::new));
        if (formats.size() > 1) {
            throw new IOException(root + ": which data are meant? The files are "
                    + chosen.stream().map(root::relativize).toList());
        }
        return chosen;
    }

    private Path root() throws IOException {
        if (config.isEmpty()) {
            return folder;
        }
        Path inside = folder.resolve(config.get()).normalize();
        if (inside.startsWith(folder) && Files.isDirectory(inside)) {
            return inside;
        }
        // A folder of somebody's own has no configurations.
        List<Path> folders;
        try (Stream<Path> entries = Files.list(folder)) {
            folders = entries.filter(Files::isDirectory).sorted().toList();
        }
        if (folders.isEmpty()) {
            return folder;
        }
        throw new IOException(
                folder + ": has no configuration " + config.get() + ", only " + names(folder, Set.copyOf(folders)));
    }

    private static List<Path> dataFiles(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> Format.named(file).isPresent() && !isAbout(file))
                    .sorted()
                    .toList();
        }
    }

    /// Descriptions that lie beside data.
    private static boolean isAbout(Path file) {
        return Pattern.compile("(?i)readme.*|.*\\.md|dataset_infos?\\.json|state\\.json|\\..*")
                .matcher(file.getFileName().toString())
                .matches();
    }

    private static boolean isOf(String split, Path file) {
        Set<String> words = SYNONYMS.stream()
                .filter(synonyms -> synonyms.contains(split))
                .findFirst()
                .orElse(Set.of(split));
        return words.stream()
                .map(word -> Pattern.compile("(^|[^A-Za-z0-9])" + Pattern.quote(word) + "([^A-Za-z0-9]|$)"))
                .anyMatch(pattern -> pattern.matcher(file.toString()).find());
    }

    private static String names(Path root, Set<Path> folders) {
        return folders.stream()
                .map(path -> root.relativize(path).toString())
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
