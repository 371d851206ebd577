package org.lewis.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.lewis.guidance.LayerGuidance;
import org.lewis.guidance.LayerTable;
import org.lewis.guidance.Movement;

/// What calibration found out about models: how important each of their linear layers is, how far fine-tuning moved it,
/// and how much of it a merge keeps.
public final class GuidanceFigures {

    private GuidanceFigures() {}

    /// What LEWIS found for the merges that it guided, once for those that have it in common.
    ///
    /// @param merges for each merge by name, what was found by the names of the fine-tunes
    public static List<Section> merges(Map<String, Map<String, LayerGuidance>> merges) {
        List<Section> sections = new ArrayList<>();
        Map<Map<String, Movement>, String> calibrations = common(merges, LayerGuidance::movement);
        calibrations.forEach((movements, names) -> movements.forEach((name, movement) ->
                sections.addAll(importance(name, calibrations.size() == 1 ? "" : "For " + names + ".", movement))));
        common(merges, LayerGuidance::densities)
                .forEach((densities, names) -> sections.addAll(densities("in " + names, densities)));
        return sections;
    }

    /// A part of what was found, with the names of the merges for which it was.
    private static <T> Map<Map<String, T>, String> common(
            Map<String, Map<String, LayerGuidance>> merges, Function<LayerGuidance, T> part) {
        Map<Map<String, T>, String> common = new LinkedHashMap<>();
        merges.forEach((merge, layers) -> {
            Map<String, T> found = new LinkedHashMap<>();
            layers.forEach((name, guidance) -> found.put(name, part.apply(guidance)));
            if (!found.isEmpty()) {
                common.merge(found, merge, (others, own) -> others + ", " + own);
            }
        });
        return common;
    }

    /// @param name of the fine-tune
    /// @param note what else there is to say
    public static List<Section> importance(String name, String note, Movement movement) {
        return List.of(
                LayerFigures.heatMap(
                        "Importance in " + name,
                        "How strongly the calibration text drives each linear layer of the fine-tune. " + note,
                        movement.tuned()),
                LayerFigures.heatMap(
                        "How far " + name + " moved",
                        "Change of each linear layer's importance since the base, as a share of the change of all"
                                + " layers of its component. " + note,
                        movement.deltas()));
    }

    /// Over the depth of the models, from the base to the fine-tunes.
    ///
    /// @param movements by the fine-tunes' names, at least one
    public static Section movements(Map<String, Movement> movements) {
        Map<String, LayerTable> deltas = new LinkedHashMap<>();
        movements.forEach((name, movement) -> deltas.put(name, movement.deltas()));
        return LayerFigures.profile("Over the depth", "The mean over components.", "share of the change", deltas);
    }

    /// A heat map for each model, and the means over the depth.
    ///
    /// @param merges    that keep so much, as in `in ties and dare`
    /// @param densities by the fine-tunes' names, at least one
    public static List<Section> densities(String merges, Map<String, LayerTable> densities) {
        List<Section> sections = new ArrayList<>();
        densities.forEach((name, table) -> sections.add(LayerFigures.heatMap(
                "Densities of " + name,
                "Share of the task vector that each linear layer keeps " + merges
                        + ": more where fine-tuning moved it more.",
                table)));
        sections.add(LayerFigures.profile(
                "Densities over the depth",
                "The mean over the components of each layer, " + merges + ".",
                "density",
                densities));
        return sections;
    }
}
