package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;

class LayerGuidanceTest {

    private static final List<String> COMPONENTS = List.of("q_proj", "up_proj");
    private static final LayerGuidance FOUND = new LayerGuidance(
            new Movement(table(1, 2, 3, Double.NaN), table(2, 2, 5, Double.NaN)), table(0.5, 0.3, 0.8, Double.NaN));

    private static LayerTable table(double... cells) {
        double[][] values = new double[cells.length / 2][];
        for (int layer = 0; layer < values.length; layer++) {
            values[layer] = new double[] {cells[2 * layer], cells[2 * layer + 1]};
        }
        return new LayerTable(COMPONENTS, values);
    }

    private static Map<String, LayerGuidance> read(String json) {
        return LayerGuidance.readAll(Json.parse("results.json", json));
    }

    @Test
    void whatIsWrittenReadsBackInItsOrder() {
        Map<String, Object> written = new LinkedHashMap<>();
        written.put("math", FOUND.plain());
        written.put("code", FOUND.plain());

        Map<String, LayerGuidance> read = read(Json.pretty(written));

        assertThat(read).isEqualTo(Map.of("math", FOUND, "code", FOUND));
        assertThat(read.keySet()).containsExactly("math", "code");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        [[1, 2]]         | [[1, 2]] | [[0.1]]              | :1:115: math.densities[0]: expected a list of 2, found a list of 1
        [[1, 2], [1, 2]] | [[1, 2]] | [[0.1, 1]]           | :1:10: math: a model of 1 layers with [q_proj, up_proj] is no fine-tune of one of 2 layers with [q_proj, up_proj]
        [[1, 2]]         | [[1, 2]] | [[0.1, 1], [0.2, 1]] | :1:10: math: densities of 2 layers with [q_proj, up_proj] are none of a model of 1 layers with [q_proj, up_proj]
        """)
    void tablesThatDoNotBelongTogetherAreRefused(String base, String tuned, String densities, String message) {
        String json = """
            {"math": {"components": ["q_proj", "up_proj"], "base_importance": %s, "importance": %s, "densities": %s}}\
            """.formatted(base, tuned, densities);
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(DocumentException.class)
                .hasMessage("results.json" + message);
    }

    @Test
    void modelsOfDifferentDepthAreRefused() {
        LayerGuidance shallow =
                new LayerGuidance(new Movement(table(1, 2), table(1, 2)), LayerTable.uniform(COMPONENTS, 1, 1));
        Map<String, Object> written = new LinkedHashMap<>();
        written.put("math", FOUND.plain());
        written.put("code", shallow.plain());

        assertThatThrownBy(() -> read(Json.compact(written)))
                .isInstanceOf(DocumentException.class)
                .hasMessageEndingWith(": code: a model of 1 layers is not merged with one of 2");
    }
}
