package org.lewis.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lewis.document.Json;
import org.lewis.measure.ValueStatistics;
import org.lewis.model.TensorNames;
import org.lewis.tensor.ReadableTensor;

/// Tensors in tables and as JSON.
///
/// @param tensors   with their statistics, which those lack that nothing can be computed with
/// @param withStats whether any statistics were asked for
record Inspection(Map<ReadableTensor, Optional<ValueStatistics>> tensors, boolean withStats) {

    private static final List<String> STATS = List.of("zeros", "NaN", "infinite", "min", "max", "norm");

    String text() {
        TextTable table = table(List.of("tensor", "dtype", "shape", "parameters", "bytes"));
        tensors.forEach((tensor, statistics) -> table.add(row(
                List.of(
                        tensor.name(),
                        tensor.dtype().name(),
                        tensor.shape().toString(),
                        count(tensor.elements()),
                        count(bytes(tensor))),
                statistics)));
        TextTable components = table(List.of("component", "tensors", "parameters", "share"));
        long all = parameters(tensors.keySet());
        components()
                .forEach((component, members) -> components.add(row(
                        List.of(
                                component,
                                count(members.size()),
                                count(parameters(members)),
                                String.format(Locale.ROOT, "%.1f %%", 100.0 * parameters(members) / all)),
                        together(members))));
        return table + "\n" + components + "\n" + summary() + "\n";
    }

    String json() {
        Map<String, Object> document = new LinkedHashMap<>();
        List<Object> list = new ArrayList<>();
        tensors.forEach((tensor, statistics) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", tensor.name());
            entry.put("dtype", tensor.dtype().name());
            entry.put("shape", tensor.shape().dimensions());
            entry.put("bytes", bytes(tensor));
            statistics.ifPresent(found -> put(found, entry));
            list.add(entry);
        });
        document.put("tensors", list);
        Map<String, Object> byComponent = new LinkedHashMap<>();
        components().forEach((component, members) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("tensors", members.size());
            entry.put("parameters", parameters(members));
            together(members).ifPresent(found -> put(found, entry));
            byComponent.put(component, entry);
        });
        document.put("components", byComponent);
        document.put("parameters", parameters(tensors.keySet()));
        document.put(
                "bytes", tensors.keySet().stream().mapToLong(Inspection::bytes).sum());
        return Json.pretty(document);
    }

    private TextTable table(List<String> columns) {
        List<String> header = new ArrayList<>(columns);
        if (withStats) {
            header.addAll(STATS);
        }
        return TextTable.of(header);
    }

    private List<String> row(List<String> cells, Optional<ValueStatistics> statistics) {
        List<String> row = new ArrayList<>(cells);
        if (statistics.isPresent()) {
            ValueStatistics found = statistics.get();
            row.addAll(List.of(
                    count(found.zeros()),
                    count(found.nans()),
                    count(found.infinities()),
                    number(found.min()),
                    number(found.max()),
                    number(found.norm())));
        } else if (withStats) {
            STATS.forEach(_ -> row.add(""));
        }
        return row;
    }

    private static void put(ValueStatistics found, Map<String, Object> entry) {
        entry.put("zeros", found.zeros());
        entry.put("nans", found.nans());
        entry.put("infinities", found.infinities());
        entry.put("min", found.min());
        entry.put("max", found.max());
        entry.put("mean", found.mean());
        entry.put("norm", found.norm());
    }

    /// The tensors of each component, in the order of their first ones.
    private Map<String, List<ReadableTensor>> components() {
        return tensors.keySet().stream()
                .collect(Collectors.groupingBy(
                        tensor -> TensorNames.component(tensor.name()), LinkedHashMap::new, Collectors.toList()));
    }

    private Optional<ValueStatistics> together(List<ReadableTensor> members) {
        List<ValueStatistics> parts =
                members.stream().flatMap(tensor -> tensors.get(tensor).stream()).toList();
        return parts.isEmpty() ? Optional.empty() : Optional.of(ValueStatistics.sum(parts));
    }

    private String summary() {
        Map<String, Long> byDtype = tensors.keySet().stream()
                .collect(Collectors.groupingBy(
                        tensor -> tensor.dtype().name(),
                        TreeMap::new,
                        Collectors.summingLong(ReadableTensor::elements)));
        return String.format(
                Locale.ROOT,
                "%d tensors, %,d parameters, %,d bytes (%s)",
                tensors.size(),
                parameters(tensors.keySet()),
                tensors.keySet().stream().mapToLong(Inspection::bytes).sum(),
                byDtype.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + count(entry.getValue()))
                        .collect(Collectors.joining(", ")));
    }

    private static long parameters(Collection<ReadableTensor> tensors) {
        return tensors.stream().mapToLong(ReadableTensor::elements).sum();
    }

    private static long bytes(ReadableTensor tensor) {
        return tensor.dtype().bytes(tensor.elements());
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4g", value) : "-";
    }
}
