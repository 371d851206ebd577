package org.lewis.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lewis.guidance.LayerTable;

/// Pictures of numbers that a model has one of for each linear layer: a row per block, a column per component.
public final class LayerFigures {

    private LayerFigures() {}

    /// Colours from the smallest to the largest number: importance, densities, shares.
    public static Section heatMap(String title, String note, LayerTable table) {
        return Section.HeatMap.of(title, note, layers(table), components(table), table.values());
    }

    /// Colours to both sides of zero: cosines, differences.
    public static Section signedHeatMap(String title, String note, LayerTable table) {
        return Section.HeatMap.signed(title, note, layers(table), components(table), table.values());
    }

    /// A line over the depth of the model for each table: the mean over its components.
    ///
    /// @param measure what the mean is of
    /// @param tables  of models of the same depth, by the names of their lines; at least one
    public static Section profile(String title, String note, String measure, Map<String, LayerTable> tables) {
        List<Series> series = new ArrayList<>();
        tables.forEach((name, table) -> series.add(Series.of(
                name,
                Arrays.stream(table.values()).mapToDouble(LayerFigures::mean).toArray())));
        return new Section.Lines(title, note, layers(tables.values().iterator().next()), measure, series);
    }

    private static double mean(double[] row) {
        return Arrays.stream(row).filter(Double::isFinite).average().orElse(Double.NaN);
    }

    private static Axis layers(LayerTable table) {
        return new Axis(
                "layer",
                IntStream.range(0, table.layers()).mapToObj(Integer::toString).toList());
    }

    private static Axis components(LayerTable table) {
        return new Axis("component", table.components());
    }
}
