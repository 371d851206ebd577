package org.lewis.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lewis.document.Json;
import org.lewis.measure.Agreement;
import org.lewis.measure.Change;
import org.lewis.measure.Difference;
import org.lewis.measure.Differences;

/// What fine-tuning changed, as tables for the terminal and as JSON.
///
/// @param models names of the fine-tunes, all different
record DifferenceText(String base, List<String> models, Differences differences) {

    /// Two fine-tunes by their numbers.
    record Pair(int one, int other) {}

    /// Every two fine-tunes, in order.
    List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        for (int one = 0; one < models.size(); one++) {
            for (int other = one + 1; other < models.size(); other++) {
                pairs.add(new Pair(one, other));
            }
        }
        return pairs;
    }

    String name(Pair pair) {
        return models.get(pair.one()) + " - " + models.get(pair.other());
    }

    /// @param top how many tensors are listed, those that changed most
    String tables(int top) {
        StringBuilder text = new StringBuilder(totals().toString());
        if (models.size() > 1) {
            text.append('\n').append(agreements());
        }
        text.append('\n').append(grouped("component", differences.byComponent()));
        if (!differences.byLayer().isEmpty()) {
            text.append('\n').append(grouped("layer", differences.byLayer()));
        }
        if (top > 0) {
            Map<String, Difference> most = new LinkedHashMap<>();
            differences.tensors().stream()
                    .sorted(Comparator.comparingDouble(tensor -> -largestRelativeNorm(tensor.difference())))
                    .limit(top)
                    .forEach(tensor -> most.put(tensor.name(), tensor.difference()));
            text.append('\n').append(grouped("tensor", most));
        }
        return text.toString();
    }

    String json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("base", base);
        document.put("models", models);
        document.put("notes", differences.notes());
        document.put("total", members(differences.total()));
        document.put("components", members(differences.byComponent()));
        document.put("layers", members(differences.byLayer()));
        Map<String, Object> tensors = new LinkedHashMap<>();
        for (Differences.OfTensor tensor : differences.tensors()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("shape", tensor.shape().dimensions());
            entry.putAll(members(tensor.difference()));
            tensors.put(tensor.name(), entry);
        }
        document.put("tensors", tensors);
        return Json.pretty(document);
    }

    private TextTable totals() {
        TextTable table = TextTable.of(
                List.of("model", "norm", "relative norm", "unchanged", "largest change", "NaN or infinite"));
        Difference total = differences.total();
        for (int i = 0; i < models.size(); i++) {
            Change change = total.changes().get(i);
            table.add(List.of(
                    models.get(i),
                    number(change.norm()),
                    number(change.relativeNorm()),
                    share(change.sparsity()),
                    number(change.largest()),
                    String.format(Locale.ROOT, "%,d", change.nonFinite())));
        }
        return table;
    }

    private TextTable agreements() {
        TextTable table =
                TextTable.of(List.of("pair", "cosine", "both changed", "opposite signs", "opposite signs, weighted"));
        Difference total = differences.total();
        for (Pair pair : pairs()) {
            Agreement agreement = total.agreement(pair.one(), pair.other());
            table.add(List.of(
                    name(pair),
                    cosine(total.cosine(pair.one(), pair.other())),
                    share((double) agreement.both() / total.changes().getFirst().elements()),
                    share(agreement.conflictShare()),
                    share(agreement.weightedConflictShare())));
        }
        return table;
    }

    private TextTable grouped(String what, Map<?, Difference> groups) {
        List<String> header = new ArrayList<>(List.of(what));
        models.forEach(model -> header.add(model + " relative"));
        models.forEach(model -> header.add(model + " unchanged"));
        pairs().forEach(_ -> header.addAll(List.of("cosine", "opposite")));
        TextTable table = TextTable.of(header);
        groups.forEach((name, difference) -> {
            List<String> row = new ArrayList<>(List.of(name.toString()));
            difference.changes().forEach(change -> row.add(number(change.relativeNorm())));
            difference.changes().forEach(change -> row.add(share(change.sparsity())));
            for (Pair pair : pairs()) {
                row.add(cosine(difference.cosine(pair.one(), pair.other())));
                row.add(share(difference.agreement(pair.one(), pair.other()).conflictShare()));
            }
            table.add(row);
        });
        return table;
    }

    private Map<String, Object> members(Map<?, Difference> groups) {
        Map<String, Object> members = new LinkedHashMap<>();
        groups.forEach((name, difference) -> members.put(name.toString(), members(difference)));
        return members;
    }

    private Map<String, Object> members(Difference difference) {
        Map<String, Object> changes = new LinkedHashMap<>();
        for (int i = 0; i < models.size(); i++) {
            Change change = difference.changes().get(i);
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("elements", change.elements());
            entry.put("norm", change.norm());
            entry.put("relative_norm", change.relativeNorm());
            entry.put("sparsity", change.sparsity());
            entry.put("largest", change.largest());
            entry.put("non_finite", change.nonFinite());
            changes.put(models.get(i), entry);
        }
        Map<String, Object> together = new LinkedHashMap<>();
        for (Pair pair : pairs()) {
            Agreement agreement = difference.agreement(pair.one(), pair.other());
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("cosine", difference.cosine(pair.one(), pair.other()));
            entry.put("both_changed", agreement.both());
            entry.put("sign_conflicts", agreement.conflictShare());
            entry.put("sign_conflicts_weighted", agreement.weightedConflictShare());
            together.put(name(pair), entry);
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("changes", changes);
        members.put("pairs", together);
        return members;
    }

    private static double largestRelativeNorm(Difference difference) {
        return difference.changes().stream()
                .mapToDouble(Change::relativeNorm)
                .max()
                .orElse(0);
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4g", value);
    }

    private static String cosine(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }

    private static String share(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * value);
    }
}
