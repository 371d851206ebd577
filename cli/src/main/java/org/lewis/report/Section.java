package org.lewis.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// A part of a report. A note says how to read it, and may be empty; missing numbers are NaN.
public sealed interface Section {

    String title();

    /// Rows of text and numbers. In a column that ranks, the best number is bold and the second underlined.
    record Table(String title, String note, List<Column> columns, List<List<Cell>> rows) implements Section {
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
            for (List<Cell> row : rows) {
                requireEqual(title, "cells in a row", row.size(), "columns", columns.size());
            }
        }
    }

    /// A matrix as colours, such as an importance for each layer (row) and component (column).
    ///
    /// @param values one list per row
    /// @param min    where the colours begin; smaller values get the same colour
    /// @param max    where the colours end
    record HeatMap(
            String title,
            String note,
            Axis rows,
            Axis columns,
            List<List<Double>> values,
            Colours colours,
            double min,
            double max)
            implements Section {

        /// How numbers become colours; both scales keep their order for readers who see few colours.
        public enum Colours {
            /// From pale to deep.
            RISING,
            /// One colour below the middle, another above it, pale between.
            DIVERGING
        }

        public HeatMap {
            values = values.stream().map(List::copyOf).toList();
            requireEqual(
                    title, "rows", values.size(), "row names", rows.labels().size());
            for (List<Double> row : values) {
                requireEqual(
                        title,
                        "values in a row",
                        row.size(),
                        "columns",
                        columns.labels().size());
            }
            if (!(min < max)) {
                throw new IllegalArgumentException(title + ": expected min < max, found " + min + " and " + max);
            }
        }

        /// Colours from the smallest to the largest value.
        public static HeatMap of(String title, String note, Axis rows, Axis columns, double[][] values) {
            double min = finite(values).min().orElse(0);
            double max = finite(values).max().orElse(1);
            return new HeatMap(
                    title, note, rows, columns, lists(values), Colours.RISING, min, max > min ? max : min + 1);
        }

        /// Numbers of both signs: zero is in the middle of the colours.
        public static HeatMap signed(String title, String note, Axis rows, Axis columns, double[][] values) {
            double max = finite(values).map(Math::abs).max().orElse(1);
            double bound = max > 0 ? max : 1;
            return new HeatMap(title, note, rows, columns, lists(values), Colours.DIVERGING, -bound, bound);
        }

        private static DoubleStream finite(double[][] values) {
            return Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite);
        }

        private static List<List<Double>> lists(double[][] values) {
            return Arrays.stream(values)
                    .map(row -> Arrays.stream(row).boxed().toList())
                    .toList();
        }
    }

    /// Groups of bars, one bar per series in each.
    ///
    /// @param measure what the height says, such as "exact match"
    record Bars(String title, String note, Axis groups, String measure, List<Series> series) implements Section {
        public Bars {
            series = List.copyOf(series);
            requireFit(title, groups, series);
        }
    }

    /// One line per series, such as a profile over the depth of a model.
    ///
    /// @param measure what the height says
    record Lines(String title, String note, Axis across, String measure, List<Series> series) implements Section {
        public Lines {
            series = List.copyOf(series);
            requireFit(title, across, series);
        }
    }

    /// How often values of each size occur, one outline per series, with lines where something is cut off.
    ///
    /// @param measure     what lies along the axis, such as "magnitude"
    /// @param logarithmic whether equal ratios take equal room; edges are positive then
    /// @param edges       of the bins, rising, one more than there are bins
    /// @param series      for each bin the share of all values that lie in it
    record Histogram(
            String title,
            String note,
            String measure,
            boolean logarithmic,
            List<Double> edges,
            List<Series> series,
            List<Cut> cuts)
            implements Section {

        /// A line at a value, such as the magnitude below which weights are dropped.
        public record Cut(String name, double value) {}

        public Histogram {
            edges = List.copyOf(edges);
            series = List.copyOf(series);
            cuts = List.copyOf(cuts);
            requireFit(title, bins(edges), series);
            for (int i = 0; i < edges.size(); i++) {
                double least = i > 0 ? edges.get(i - 1) : logarithmic ? 0 : Double.NEGATIVE_INFINITY;
                if (!(edges.get(i) > least)) {
                    throw new IllegalArgumentException(
                            title + ": expected rising edges, found " + edges.get(i) + " after " + least);
                }
            }
        }

        /// The bins, called after their edges.
        Axis bins() {
            return new Axis(measure, bins(edges).labels());
        }

        private static Axis bins(List<Double> edges) {
            return new Axis(
                    "",
                    IntStream.range(0, Math.max(0, edges.size() - 1))
                            .mapToObj(i -> String.format(Locale.ROOT, "%.3g to %.3g", edges.get(i), edges.get(i + 1)))
                            .toList());
        }
    }

    /// Prose; an empty line begins a paragraph.
    record Text(String title, String body) implements Section {}

    /// A document as it is, such as a recipe or a manifest. A long one is folded until a reader opens it, and is left
    /// out on paper.
    record Code(String title, String body) implements Section {}

    private static void requireFit(String title, Axis axis, List<Series> series) {
        for (Series one : series) {
            requireEqual(
                    title + ": " + one.name(),
                    "values",
                    one.values().size(),
                    "labels",
                    axis.labels().size());
        }
        long names = series.stream().map(Series::name).distinct().count();
        if (names != series.size()) {
            throw new IllegalArgumentException(title + ": two series have the same name");
        }
    }

    private static void requireEqual(String title, String what, int found, String like, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException(title + ": " + found + " " + what + " but " + expected + " " + like);
        }
    }
}
