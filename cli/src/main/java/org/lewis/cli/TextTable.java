package org.lewis.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lewis.evaluate.Score;

/// A table for the terminal: the first column to the left, numbers to the right. One that would be too wide becomes
/// several, one for each group of columns; all of them begin with the first column.
final class TextTable {

    /// What stands above a column.
    ///
    /// @param group such as a task, whose name stands above the first column of its own table; may be empty
    record Column(String group, String name) {

        /// In a table of all groups.
        String title() {
            return (group + " " + name).strip();
        }
    }

    /// Letters beside the first column, whose names and paths may be of any length.
    private static final int WIDTH = 80;

    private static final String GAP = "  ";
    private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;]*m");

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    private TextTable(List<Column> columns) {
        this.columns = columns;
    }

    /// Never more than one table.
    static TextTable of(List<String> header) {
        return new TextTable(header.stream().map(name -> new Column("", name)).toList());
    }

    /// @param first what stands above the first column
    static TextTable of(String first, List<Column> others) {
        return new TextTable(
                Stream.concat(Stream.of(new Column("", first)), others.stream()).toList());
    }

    void add(List<String> row) {
        rows.add(row);
    }

    /// Three decimals, with the standard error where there is one.
    static String score(Score score) {
        return !Double.isNaN(score.standardError())
                ? String.format(Locale.ROOT, "%.3f ±%.3f", score.value(), score.standardError())
                : String.format(Locale.ROOT, "%.3f", score.value());
    }

    @Override
    public String toString() {
        List<Integer> others = IntStream.range(1, columns.size()).boxed().toList();
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        groups.put("", new ArrayList<>());
        for (int i : others) {
            groups.computeIfAbsent(columns.get(i).group(), _ -> new ArrayList<>())
                    .add(i);
        }
        if (groups.size() == 1 || widthBesideFirst() <= WIDTH) {
            return lines(columns.getFirst().name(), others, Column::title);
        }
        List<String> tables = new ArrayList<>();
        groups.forEach((group, chosen) -> {
            if (!chosen.isEmpty()) {
                tables.add(lines(group.isEmpty() ? columns.getFirst().name() : group, chosen, Column::name));
            }
        });
        return String.join("\n", tables);
    }

    private int widthBesideFirst() {
        int sum = 0;
        for (int i = 1; i < columns.size(); i++) {
            int column = i;
            Stream<String> cells = Stream.concat(
                    Stream.of(columns.get(i).title()), rows.stream().map(row -> row.get(column)));
            sum += GAP.length() + cells.mapToInt(TextTable::width).max().orElseThrow();
        }
        return sum;
    }

    /// @param corner what stands above the first column
    /// @param chosen the other columns
    private String lines(String corner, List<Integer> chosen, Function<Column, String> header) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(Stream.concat(
                        Stream.of(corner), chosen.stream().map(columns::get).map(header))
                .toList());
        rows.forEach(row -> cells.add(
                Stream.concat(Stream.of(row.getFirst()), chosen.stream().map(row::get))
                        .toList()));
        int[] widths = new int[chosen.size() + 1];
        for (List<String> row : cells) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : cells) {
            text.append(line(row, widths).stripTrailing()).append('\n');
            if (row == cells.getFirst()) {
                text.append("-".repeat(width(line(row, widths)))).append('\n');
            }
        }
        return text.toString();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String blanks = " ".repeat(widths[i] - width(row.get(i)));
            line.append(i == 0 ? row.get(i) + blanks : GAP + blanks + row.get(i));
        }
        return line.toString();
    }

    /// Without what makes a terminal print bold.
    private static int width(String cell) {
        return ESCAPES.matcher(cell).replaceAll("").length();
    }
}
