package org.lewis.report;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Tables as HTML: text to the left, numbers to the right, the best two of a column marked.
final class TableHtml {

    /// Letters of a text that stays on one line.
    private static final int SHORT = 12;

    private final List<Column> columns;
    private final List<List<Cell>> rows;

    private TableHtml(List<Column> columns, List<List<Cell>> rows) {
        this.columns = columns;
        this.rows = rows;
    }

    static String of(List<Column> columns, List<List<Cell>> rows) {
        return new TableHtml(columns, rows).html();
    }

    private String html() {
        StringBuilder html = new StringBuilder("<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr>");
        for (int j = 0; j < columns.size(); j++) {
            html.append("<th scope=\"col\"").append(isNumeric(j) ? " class=\"number\">" : ">");
            html.append(Html.text(columns.get(j).name()));
            html.append(
                    switch (columns.get(j).better()) {
                        case HIGHER -> "\u00a0<span class=\"better\" title=\"higher is better\">↑</span>";
                        case LOWER -> "\u00a0<span class=\"better\" title=\"lower is better\">↓</span>";
                        case NEITHER -> "";
                    });
            html.append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        List<NavigableSet<Double>> ranks = ranks();
        for (List<Cell> row : rows) {
            html.append("<tr>");
            for (int j = 0; j < row.size(); j++) {
                html.append(cell(row.get(j), j, ranks.get(j)));
            }
            html.append("</tr>\n");
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    private boolean isNumeric(int column) {
        return rows.stream().anyMatch(row -> row.get(column) instanceof Cell.Value);
    }

    private String cell(Cell cell, int column, NavigableSet<Double> ranks) {
        return switch (cell) {
            case Cell.Text(String text) -> {
                String style = text.length() <= SHORT ? " class=\"short\">" : ">";
                yield column == 0
                        ? "<th scope=\"row\"" + style + Html.text(text) + "</th>"
                        : "<td" + style + Html.text(text) + "</td>";
            }
            case Cell.Value(double value, double error) -> {
                int digits = columns.get(column).digits();
                String number = mark(Html.number(value, digits), goodness(value, column), ranks);
                String margin = Double.isNaN(error) || Double.isNaN(value)
                        ? ""
                        : " <span class=\"error\">± " + Html.number(error, digits) + "</span>";
                yield "<td class=\"number\">" + number + margin + "</td>";
            }
        };
    }

    private static String mark(String number, double goodness, NavigableSet<Double> ranks) {
        if (ranks.size() < 2 || Double.isNaN(goodness)) {
            return number;
        }
        if (goodness == ranks.last()) {
            return "<strong>" + number + "</strong>";
        }
        return ranks.size() > 2 && goodness == ranks.lower(ranks.last()) ? "<u>" + number + "</u>" : number;
    }

    /// The distinct numbers of each column that ranks, the best last.
    private List<NavigableSet<Double>> ranks() {
        List<NavigableSet<Double>> ranks =
                columns.stream().<NavigableSet<Double>>map(_ -> new TreeSet<>()).toList();
        for (List<Cell> row : rows) {
            for (int j = 0; j < row.size(); j++) {
                if (row.get(j) instanceof Cell.Value(double value, double _) && !Double.isNaN(goodness(value, j))) {
                    ranks.get(j).add(goodness(value, j));
                }
            }
        }
        return ranks;
    }

    /// As shown, so that numbers which look alike rank alike; the larger the better, NaN where nothing ranks.
    private double goodness(double value, int column) {
        if (Double.isNaN(value)) {
            return Double.NaN;
        }
        double shown = Double.parseDouble(Html.number(value, columns.get(column).digits()));
        return switch (columns.get(column).better()) {
            case HIGHER -> shown + 0.0;
            case LOWER -> 0.0 - shown;
            case NEITHER -> Double.NaN;
        };
    }
}
