package org.lewis.dataset;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// How a file holds rows, which its name tells: `rows.csv`, or `rows.csv.gz` and `rows.csv.zst` when compressed.
enum Format {
    JSON_LINES(true, ".jsonl", ".ndjson"),
    JSON(true, ".json"),
    CSV(true, ".csv"),
    TSV(true, ".tsv"),
    PARQUET(true, ".parquet"),
    /// Every other file: its lines.
    TEXT(false, ".txt", ".text", ".md");

    private static final List<String> COMPRESSED = List.of(".gz", ".zst");

    private final boolean fields;
    private final List<String> endings;

    Format(boolean fields, String... endings) {
        this.fields = fields;
        this.endings = List.of(endings);
    }

    static Format of(Path file) {
        return named(file).orElse(TEXT);
    }

    /// The format that the name ends in; empty when it ends in no known one.
    static Optional<Format> named(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String bare = COMPRESSED.stream().anyMatch(name::endsWith) ? name.substring(0, name.lastIndexOf('.')) : name;
        for (Format format : values()) {
            if (format.endings.stream().anyMatch(bare::endsWith)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /// Whether rows have fields, of which a template makes texts.
    boolean hasFields() {
        return fields;
    }

    /// All bytes of a file, unpacked.
    static byte[] bytes(Path file) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (COMPRESSED.stream().noneMatch(name::endsWith)) {
            return Files.readAllBytes(file);
        }
        try (InputStream packed = Files.newInputStream(file);
                InputStream unpacked =
                        name.endsWith(".gz") ? new GZIPInputStream(packed) : new ZstdInputStream(packed)) {
            return unpacked.readAllBytes();
        } catch (IOException | RuntimeException e) {
            throw new IOException(file + ": cannot be unpacked: " + e.getMessage(), e);
        }
    }
}
