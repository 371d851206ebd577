package org.lewis.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lewis.guidance.LayerTable;
import org.lewis.guidance.Linears;
import org.lewis.measure.Difference;
import org.lewis.measure.Differences;

/// What fine-tuning changed in the linear layers of models: where task vectors pull apart, how far each layer went, and
/// how large the changes are.
///
/// @param names of the fine-tunes, in the order of the differences
public record DifferenceFigures(Differences differences, List<String> names, Linears linears) {

    public DifferenceFigures {
        names = List.copyOf(names);
        if (names.size() != differences.models()) {
            throw new IllegalArgumentException(names.size() + " names for " + differences.models() + " fine-tunes");
        }
    }

    /// @param density whose cut is drawn among the magnitudes
    public List<Section> sections(double density) {
        List<Section> sections = new ArrayList<>();
        for (int one = 0; one < names.size(); one++) {
            for (int other = one + 1; other < names.size(); other++) {
                sections.addAll(pair(one, other));
            }
        }
        sections.add(distances());
        sections.add(magnitudes(density));
        return sections;
    }

    private List<Section> pair(int one, int other) {
        String both = names.get(one) + " and " + names.get(other);
        return List.of(
                LayerFigures.signedHeatMap(
                        "Cosine between the task vectors of " + both,
                        "Near zero they change a layer independently of each other; below it they undo one another.",
                        table(difference -> difference.cosine(one, other))),
                LayerFigures.heatMap(
                        "Sign conflicts of " + both,
                        "Share of the weights changed by both that they change in opposite directions. One half is what"
                                + " chance gives.",
                        table(difference -> difference.agreement(one, other).conflictShare())));
    }

    private Section distances() {
        Map<String, LayerTable> tables = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            int model = i;
            tables.put(
                    names.get(i),
                    table(difference -> difference.changes().get(model).relativeNorm()));
        }
        return LayerFigures.profile(
                "How far each layer went",
                "Norm of the task vector divided by that of the base's weights, the mean over the components of each"
                        + " layer.",
                "relative change",
                tables);
    }

    /// One number for each linear layer; NaN where it was not compared.
    private LayerTable table(ToDoubleFunction<Difference> number) {
        Map<String, Difference> byName = differences.tensors().stream()
                .collect(Collectors.toMap(Differences.OfTensor::name, Differences.OfTensor::difference));
        double[][] values = new double[linears.layers()][linears.components().size()];
        for (int layer = 0; layer < values.length; layer++) {
            for (int column = 0; column < values[layer].length; column++) {
                values[layer][column] = linears.find(layer, linears.components().get(column))
                        .map(byName::get)
                        .map(number::applyAsDouble)
                        .orElse(Double.NaN);
            }
        }
        return new LayerTable(linears.components(), values);
    }

    private Section magnitudes(double density) {
        List<Magnitudes> all = IntStream.range(0, names.size())
                .mapToObj(model -> Magnitudes.of(differences, linears, model))
                .toList();
        int first = all.stream().mapToInt(Magnitudes::first).min().orElseThrow();
        int last = all.stream().mapToInt(Magnitudes::last).max().orElseThrow();
        List<Series> series = new ArrayList<>();
        List<Section.Histogram.Cut> cuts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            series.add(Series.of(names.get(i), all.get(i).shares(first, last)));
            double cut = all.get(i).cut(density);
            if (cut > 0) {
                cuts.add(new Section.Histogram.Cut(names.get(i) + " at density " + density, cut));
            }
        }
        String unchanged = IntStream.range(0, names.size())
                .mapToObj(i -> String.format(
                        Locale.ROOT, "%.1f %% in %s", 100 * all.get(i).zeroShare(), names.get(i)))
                .collect(Collectors.joining(", "));
        return new Section.Histogram(
                "How large the changes are",
                "Of all weights of the linear layers; those that did not change at all are left out (" + unchanged
                        + "). A line is where one cut for all layers would leave that density on its right; a trim cuts"
                        + " each tensor for itself.",
                "magnitude of the change",
                true,
                IntStream.rangeClosed(first, last + 1)
                        .mapToObj(octave -> Magnitudes.edge(octave))
                        .toList(),
                series,
                cuts);
    }
}
