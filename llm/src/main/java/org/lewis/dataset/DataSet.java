package org.lewis.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lewis.checkpoint.HubCache;
import org.lewis.document.Node;

/// Rows that somebody named: a file, a folder of files, or a data set of the hub that is in its cache already.
///
/// @param name   a path or a hub name such as `openai/gsm8k`
/// @param config a folder inside, such as `main`; hub sets may have several
/// @param split  such as `test`, `test[10:20]` (rows from 10 to 19) or `[:100]`; all rows when empty
public record DataSet(String name, Optional<String> config, Optional<String> split) {

    private static final Pattern SPLIT = Pattern.compile("([\\w.-]*)(?:\\[(\\d{0,9}):(\\d{0,9})])?");

    /// Data sets that the scripts of LEWIS calibrate with, under their short names.
    private static final List<Known> KNOWN = List.of(
            new Known("mbpp", "{text} {code}", of("google-research-datasets/mbpp", "full", "train")),
            new Known("gsm8k", "{question} {answer}", of("openai/gsm8k", "main", "train")));

    /// A data set with a name of its own.
    ///
    /// @param template how the calibration samples are made of its rows
    public record Known(String name, String template, DataSet data) {

        public static Optional<Known> of(String name) {
            return KNOWN.stream().filter(known -> known.name.equals(name)).findFirst();
        }

        /// The one file that its rows are in.
        Path file(Path beside, HubCache hub) throws IOException {
            List<Path> files = data.files(beside, hub);
            if (files.size() != 1) {
                throw new IOException(data.name() + ": expected its rows in one file, found " + files);
            }
            return files.getFirst();
        }
    }

    public DataSet {
        if (split.isPresent() && !SPLIT.matcher(split.get()).matches()) {
            throw new IllegalArgumentException("no split is called \"" + split.get() + "\"; write test or test[10:20]");
        }
    }

    /// A file or a folder, all rows.
    public static DataSet of(Path path) {
        return new DataSet(path.toString(), Optional.empty(), Optional.empty());
    }

    private static DataSet of(String name, String config, String split) {
        return new DataSet(name, Optional.of(config), Optional.of(split));
    }

    /// The same part of another source, which need not have configurations.
    public DataSet at(String other) {
        boolean isPlain = Files.exists(Path.of(other))
                && config.filter(name -> Files.isDirectory(Path.of(other, name)))
                        .isEmpty();
        return new DataSet(other, isPlain ? Optional.empty() : config, split);
    }

    /// The same part of another source that stands in for this one. A single file has no splits: it is the part,
    /// whole or cut in the same way.
    public DataSet replacedBy(String other) {
        DataSet same = at(other);
        return Files.isRegularFile(Path.of(other))
                ? new DataSet(
                        other,
                        same.config(),
                        split.filter(text -> text.contains("[")).map(text -> text.substring(text.indexOf('['))))
                : same;
    }

    /// Reads the rows.
    ///
    /// @param beside a folder that relative paths count from; where it has nothing, the working directory does
    /// @throws IOException when there is no such data set, configuration or split
    public List<Node> rows(Path beside, HubCache hub) throws IOException {
        List<Node> rows = new ArrayList<>();
        for (Path file : files(beside, hub)) {
            rows.addAll(Rows.read(file));
        }
        return slice(rows);
    }

    /// The files that hold the rows, in the order of their names.
    public List<Path> files(Path beside, HubCache hub) throws IOException {
        Path place = place(beside, hub);
        String wanted = splitName();
        if (Files.isDirectory(place)) {
            return new DataFolder(place, config).split(wanted);
        }
        if (!wanted.isEmpty()) {
            throw new IOException(place + ": is one file, in which no split can be found; name a folder with a file for"
                    + " each split, of which one is called " + wanted);
        }
        return List.of(place);
    }

    /// Where it lies, with the name as it was given when nothing else tells.
    private Path place(Path beside, HubCache hub) throws IOException {
        for (Path path : List.of(beside.resolve(name).normalize(), Path.of(name))) {
            if (Files.exists(path)) {
                return path;
            }
        }
        return hub.findDataSet(name)
                .orElseThrow(() -> new IOException(name + ": no such file or folder of data, neither in " + beside
                        + " nor in the working directory, and no such data set in the hub's cache " + hub.folder()
                        + ", to which it has to be downloaded first"));
    }

    private String splitName() {
        return split.map(text -> matched(text).group(1)).orElse("");
    }

    private List<Node> slice(List<Node> rows) throws IOException {
        if (split.isEmpty() || matched(split.get()).group(2) == null) {
            return rows;
        }
        Matcher parts = matched(split.get());
        int from = parts.group(2).isEmpty() ? 0 : Integer.parseInt(parts.group(2));
        int to = parts.group(3).isEmpty() ? rows.size() : Math.min(rows.size(), Integer.parseInt(parts.group(3)));
        if (from >= to) {
            throw new IOException(name + ": " + split.get() + " is no row of its " + rows.size());
        }
        return rows.subList(from, to);
    }

    private static Matcher matched(String split) {
        Matcher matcher = SPLIT.matcher(split);
        if (!matcher.matches()) {
            throw new IllegalStateException("checked when it was made: " + split);
        }
        return matcher;
    }
}
