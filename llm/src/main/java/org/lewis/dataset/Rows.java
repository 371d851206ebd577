package org.lewis.dataset;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.document.Place;

/// Rows of a file: JSONL, JSON, CSV, TSV, Parquet, or the lines of a text. All but Parquet may be packed by gzip or
/// zstd.
public final class Rows {

    /// The field that a line of a text file is.
    static final String TEXT_FIELD = "text";

    private Rows() {}

    /// Every row of a file. A line of a text file is a row with the field `text`, unless it is blank. What CSV holds is
    /// text, under the names of its first line.
    ///
    /// @throws IOException       when the file is missing or holds no row
    /// @throws DocumentException when it is not what its name says
    public static List<Node> read(Path file) throws IOException {
        return switch (Format.of(file)) {
            case JSON_LINES -> jsonLines(file);
            case JSON -> json(file);
            case CSV -> table(file, CSVFormat.RFC4180);
            case TSV -> table(file, CSVFormat.TDF);
            case PARQUET -> nonEmpty(file, Parquet.read(existing(file)));
            case TEXT -> {
                List<Node> rows = new ArrayList<>();
                List<String> lines = lines(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (!lines.get(i).isBlank()) {
                        rows.add(Node.of(new Place(file.toString(), i + 1, 1), Map.of(TEXT_FIELD, lines.get(i))));
                    }
                }
                yield nonEmpty(file, rows);
            }
        };
    }

    /// Every line that is not blank, as JSON.
    ///
    /// @throws IOException when the file is missing or holds no row
    public static List<Node> jsonLines(Path file) throws IOException {
        List<String> lines = lines(file);
        List<Node> rows = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                rows.add(Json.parse(file.toString(), i + 1, lines.get(i)));
            }
        }
        return nonEmpty(file, rows);
    }

    /// The texts of a file: rows with fields through the template, or the lines of a text file that are not blank.
    public static List<String> texts(Path file, Template template) throws IOException {
        if (Format.of(file).hasFields()) {
            return read(file).stream().map(template::fill).toList();
        }
        return nonEmpty(
                file, lines(file).stream().filter(line -> !line.isBlank()).toList());
    }

    /// A text file as one text.
    public static String text(Path file) throws IOException {
        return Json.utf8(file.toString(), Format.bytes(existing(file)));
    }

    /// Whether the rows of a file have fields of their own, as all do but lines of text.
    public static boolean haveFields(Path file) {
        return Format.of(file).hasFields();
    }

    /// Some of the rows, chosen by a seed, in a random order; all when there are no more.
    public static <T> List<T> sample(List<T> rows, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<T> shuffled = new ArrayList<>(rows);
        for (int i = 0; i < Math.min(count, shuffled.size()); i++) {
            int other = i + random.nextInt(shuffled.size() - i);
            T row = shuffled.get(i);
            shuffled.set(i, shuffled.get(other));
            shuffled.set(other, row);
        }
        return List.copyOf(shuffled.subList(0, Math.min(count, shuffled.size())));
    }

    /// A list of rows, or a mapping whose member `data` is one; or a mapping in each line, which many of the hub's data
    /// sets have under this name.
    private static List<Node> json(Path file) throws IOException {
        String text = text(file);
        if (text.stripLeading().startsWith("{") && Json.looksLikeLines(text)) {
            return jsonLines(file);
        }
        Node root = Json.parse(file.toString(), text);
        List<Node> rows = (root.isMapping() ? root.get("data") : root).sequence();
        rows.forEach(Node::mapping);
        return nonEmpty(file, rows);
    }

    private static List<Node> table(Path file, CSVFormat format) throws IOException {
        CSVFormat named = format.builder().setHeader().setSkipHeaderRecord(true).get();
        List<Node> rows = new ArrayList<>();
        long line = 1;
        try (CSVParser parser = CSVParser.parse(new StringReader(text(file)), named)) {
            for (CSVRecord record : parser) {
                Place place = new Place(file.toString(), Math.toIntExact(line + 1), 1);
                if (!record.isConsistent()) {
                    throw new DocumentException(
                            place, "expected " + parser.getHeaderNames().size() + " fields, found " + record.size());
                }
                rows.add(Node.of(place, new LinkedHashMap<>(record.toMap())));
                line = parser.getCurrentLineNumber();
            }
        } catch (IllegalArgumentException | UncheckedIOException | IOException e) {
            throw new DocumentException(new Place(file.toString(), Math.toIntExact(line), 1), e.getMessage());
        }
        return nonEmpty(file, rows);
    }

    private static List<String> lines(Path file) throws IOException {
        return text(file).lines().toList();
    }

    private static Path existing(Path file) throws NoSuchFileException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        return file;
    }

    private static <T> List<T> nonEmpty(Path file, List<T> rows) throws IOException {
        if (rows.isEmpty()) {
            throw new IOException(file + ": holds no text");
        }
        return rows;
    }
}
