package org.lewis.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lewis.guidance.LayerTable;
import org.lewis.guidance.Movement;
import org.lewis.report.GuidanceFigures;
import org.lewis.report.Report;
import org.lewis.report.Section;

/// How far the layers of fine-tunes moved, as tables for the terminal and as a page.
///
/// @param movements by the fine-tunes' types
record ImportanceReport(String baseType, Map<String, Movement> movements) {

    /// A table for each fine-tune: a row per layer, a column per component.
    String text() {
        StringBuilder text = new StringBuilder();
        movements.forEach((type, movement) -> {
            text.append(text.isEmpty() ? "" : "\n")
                    .append(type)
                    .append(": share of its component's whole change since ")
                    .append(baseType)
                    .append('\n')
                    .append(table(movement.deltas()));
        });
        return text.toString();
    }

    Report html() {
        List<Section> sections = new ArrayList<>();
        movements.forEach((type, movement) -> sections.addAll(GuidanceFigures.importance(type, "", movement)));
        if (!movements.isEmpty()) {
            sections.add(GuidanceFigures.movements(movements));
        }
        return new Report(
                "LEWIS importance",
                "How far the activations of each linear layer moved from " + baseType + " to "
                        + String.join(", ", movements.keySet()) + ".",
                sections);
    }

    private static String table(LayerTable deltas) {
        List<String> header = new ArrayList<>(List.of("layer"));
        header.addAll(deltas.components());
        TextTable table = TextTable.of(header);
        for (int layer = 0; layer < deltas.layers(); layer++) {
            List<String> row = new ArrayList<>(List.of(Integer.toString(layer)));
            for (double value : deltas.values()[layer]) {
                row.add(Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.5f", value));
            }
            table.add(row);
        }
        return table.toString();
    }
}
