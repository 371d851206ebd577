package org.lewis.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Charts as the data that `page.js` draws, and as the table of numbers below each.
final class ChartData {

    /// How many digits of the largest number a table shows.
    private static final int SIGNIFICANT = 4;

    private ChartData() {}

    static Map<String, Object> of(Section.HeatMap map) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", "heat");
        data.put("rows", axis(map.rows()));
        data.put("columns", axis(map.columns()));
        data.put("values", map.values());
        data.put("diverging", map.colours() == Section.HeatMap.Colours.DIVERGING);
        data.put("min", map.min());
        data.put("max", map.max());
        return data;
    }

    static Map<String, Object> of(Section.Histogram histogram) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", "histogram");
        data.put("measure", histogram.measure());
        data.put("logarithmic", histogram.logarithmic());
        data.put("edges", histogram.edges());
        data.put("series", histogram.series().stream().map(ChartData::series).toList());
        data.put("cuts", histogram.cuts().stream().map(ChartData::cut).toList());
        return data;
    }

    private static Map<String, Object> cut(Section.Histogram.Cut cut) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", cut.name());
        data.put("value", cut.value());
        return data;
    }

    /// @param kind `bars` or `lines`
    static Map<String, Object> of(String kind, Axis axis, String measure, List<Series> series) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", kind);
        data.put("axis", axis(axis));
        data.put("measure", measure);
        data.put("series", series.stream().map(ChartData::series).toList());
        return data;
    }

    private static Map<String, Object> axis(Axis axis) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", axis.name());
        data.put("labels", axis.labels());
        return data;
    }

    private static Map<String, Object> series(Series series) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", series.name());
        data.put("values", series.values());
        data.put("errors", series.errors());
        return data;
    }

    static String table(Section.HeatMap map) {
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < map.values().size(); i++) {
            Stream<Cell> values = map.values().get(i).stream().map(Cell::of);
            rows.add(row(map.rows().labels().get(i), values));
        }
        return table(map.rows(), map.columns().labels(), rows);
    }

    static String table(Axis axis, List<Series> series) {
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < axis.labels().size(); i++) {
            int at = i;
            rows.add(row(axis.labels().get(i), series.stream().map(one -> cell(one, at))));
        }
        return table(axis, series.stream().map(Series::name).toList(), rows);
    }

    private static Cell cell(Series series, int at) {
        double error = series.errors().isEmpty() ? Double.NaN : series.errors().get(at);
        return Cell.of(series.values().get(at), error);
    }

    private static List<Cell> row(String name, Stream<Cell> values) {
        return Stream.concat(Stream.of(Cell.of(name)), values).toList();
    }

    private static String table(Axis first, List<String> others, List<List<Cell>> rows) {
        double largest = rows.stream()
                .flatMap(List::stream)
                .mapToDouble(cell -> cell instanceof Cell.Value(double value, double _) ? Math.abs(value) : 0)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        int before = largest == 0 ? 1 : (int) Math.floor(Math.log10(largest)) + 1;
        int digits = Math.clamp(SIGNIFICANT - before, 0, 12);
        Stream<Column> numbers = others.stream().map(name -> Column.number(name, digits));
        return TableHtml.of(
                Stream.concat(Stream.of(Column.text(first.name())), numbers).toList(), rows);
    }
}
