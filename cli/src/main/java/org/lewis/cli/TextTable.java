package org.lewis.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.lewis.evaluate.Score;

/// A table for the terminal: the first column to the left, numbers to the right.
final class TextTable {

    private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;]*m");

    private final List<List<String>> rows = new ArrayList<>();

    TextTable(List<String> header) {
        rows.add(header);
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

    /// Without what makes a terminal print bold.
    private static int width(String cell) {
        return ESCAPES.matcher(cell).replaceAll("").length();
    }

    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < rows.size(); line++) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = rows.get(line).get(i);
                String blanks = " ".repeat(widths[i] - width(cell));
                row.append(i == 0 ? cell + blanks : "  " + blanks + cell);
            }
            text.append(row.toString().stripTrailing()).append('\n');
            if (line == 0) {
                text.append("-".repeat(width(row.toString()))).append('\n');
            }
        }
        return text.toString();
    }
}
