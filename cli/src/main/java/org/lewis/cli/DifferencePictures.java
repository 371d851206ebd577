package org.lewis.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.lewis.guidance.LayerTable;
import org.lewis.measure.Change;
import org.lewis.measure.Difference;
import org.lewis.measure.Differences;
import org.lewis.report.Cell;
import org.lewis.report.Column;
import org.lewis.report.LayerFigures;
import org.lewis.report.Report;
import org.lewis.report.Section;
import org.lewis.report.Series;

/// What fine-tuning changed, drawn: a heat map over layers and components for each number.
record DifferencePictures(DifferenceText text) {

    private static final int BIAS = 127;

    Report report() {
        List<Section> sections = new ArrayList<>();
        sections.add(totals());
        for (int i = 0; i < models().size(); i++) {
            int model = i;
            heatMap(
                    sections,
                    "Relative change in " + models().get(i),
                    "The norm of each tensor's task vector, divided by that of the base's tensor.",
                    false,
                    difference -> difference.changes().get(model).relativeNorm());
        }
        for (DifferenceText.Pair pair : text.pairs()) {
            heatMap(
                    sections,
                    "Cosine of " + text.name(pair),
                    "Between the two task vectors of each tensor: 1 for the same direction, -1 for the opposite.",
                    true,
                    difference -> difference.cosine(pair.one(), pair.other()));
            heatMap(
                    sections,
                    "Opposite signs of " + text.name(pair),
                    "Among the weights that both fine-tunes changed, the share that they moved in opposite directions;"
                            + " chance alone gives one half.",
                    false,
                    difference -> difference.agreement(pair.one(), pair.other()).conflictShare());
        }
        magnitudes(sections);
        return new Report(
                "What fine-tuning changed",
                String.join(", ", models()) + " compared with " + text.base() + ", "
                        + text.differences().tensors().size() + " tensors.",
                sections);
    }

    private List<String> models() {
        return text.models();
    }

    private Section totals() {
        List<Column> columns = List.of(
                Column.text("model"),
                Column.number("norm", 4),
                Column.number("relative norm", 5),
                Column.number("unchanged", 4),
                Column.number("largest change", 5));
        List<List<Cell>> rows = new ArrayList<>();
        List<Change> changes = text.differences().total().changes();
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            rows.add(List.of(
                    Cell.of(models().get(i)),
                    Cell.of(change.norm()),
                    Cell.of(finite(change.relativeNorm())),
                    Cell.of(change.sparsity()),
                    Cell.of(change.largest())));
        }
        return new Section.Table(
                "Task vectors", "Unchanged is the share of weights that are exactly those of the base.", columns, rows);
    }

    private void heatMap(
            List<Section> sections, String title, String note, boolean signed, ToDoubleFunction<Difference> number) {
        List<Differences.OfTensor> inLayers = text.differences().tensors().stream()
                .filter(tensor -> tensor.layer().isPresent())
                .toList();
        if (inLayers.isEmpty()) {
            return;
        }
        List<String> components = inLayers.stream()
                .map(Differences.OfTensor::component)
                .distinct()
                .toList();
        int layers = 1
                + inLayers.stream()
                        .mapToInt(tensor -> tensor.layer().orElseThrow())
                        .max()
                        .orElseThrow();
        double[][] values = new double[layers][components.size()];
        for (double[] row : values) {
            Arrays.fill(row, Double.NaN);
        }
        inLayers.forEach(tensor -> values[tensor.layer().orElseThrow()][components.indexOf(tensor.component())] =
                finite(number.applyAsDouble(tensor.difference())));
        LayerTable table = new LayerTable(components, values);
        sections.add(
                signed ? LayerFigures.signedHeatMap(title, note, table) : LayerFigures.heatMap(title, note, table));
    }

    /// Bins are octaves: from one power of two to the next.
    private void magnitudes(List<Section> sections) {
        List<Change> changes = text.differences().total().changes();
        int first = Change.OCTAVES;
        int last = 0;
        for (Change change : changes) {
            long[] octaves = change.octaves();
            for (int i = 0; i < octaves.length; i++) {
                if (octaves[i] > 0) {
                    first = Math.min(first, i);
                    last = Math.max(last, i);
                }
            }
        }
        if (first > last) {
            return;
        }
        List<Double> edges = new ArrayList<>();
        for (int i = first; i <= last + 1; i++) {
            edges.add(Math.scalb(1.0, i - BIAS));
        }
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            double[] shares = Arrays.stream(change.octaves(), first, last + 1)
                    .mapToDouble(count -> (double) count / change.elements())
                    .toArray();
            series.add(Series.of(models().get(i), shares));
        }
        sections.add(new Section.Histogram(
                "Sizes of changes",
                "How many of all weights changed by how much; unchanged ones are left out.",
                "magnitude of the change",
                true,
                edges,
                series,
                List.of()));
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : Double.NaN;
    }
}
