package org.lewis.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lewis.recipe.DensityRule.Granularity;
import org.lewis.recipe.DensityRule.Mapping;
import org.lewis.recipe.DensityRule.Scaling;

final class DensityRuleTest {

    @Test
    void recipesSayEveryPartOfTheRule() {
        assertThat(rule("gamma: 0.2\n  epsilon: 0.9\n  scaling: rank\n  granularity: layer\n  only: mlp"))
                .isEqualTo(new DensityRule(
                        new Mapping.Scaled(Scaling.RANK, 0.2, 0.9), Granularity.LAYER, List.of("mlp"), 0.01));
        assertThat(rule("top_k: 0.5\n  only: [q_proj, attention]\n  other_density: 0.05"))
                .isEqualTo(new DensityRule(
                        new Mapping.Top(0.5, 1, 0.1), Granularity.TENSOR, List.of("q_proj", "attention"), 0.05));
        assertThat(rule("top_k: 0.25\n  top_density: 0.9\n  rest_density: 0.2\n  granularity: component"))
                .isEqualTo(new DensityRule(
                        new Mapping.Top(0.25, 0.9, 0.2), Granularity.COMPONENT, List.of(), DensityRule.OTHER));
    }

    @Test
    void aRuleThatExistsHasDensitiesThatAreShares() {
        assertThatThrownBy(() -> DensityRule.between(0, 0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("densities need 0 < gamma <= epsilon <= 1, found gamma 0.0 and epsilon 0.5");
        assertThatThrownBy(() -> new Mapping.Top(Double.NaN, 1, 0.1)).hasMessage("top_k must be in (0, 1], found NaN");
        assertThatThrownBy(() -> new Mapping.Top(0.5, 1, 0)).hasMessage("rest_density must be in (0, 1], found 0.0");
    }

    @Test
    void placesOfKeysAreKnown() {
        Guidance guidance = guidance("only: mpl");
        assertThat(guidance.placeOf("only")).hasToString("r.yaml:7:9: guidance.only");
        assertThat(guidance.placeOf("gamma")).isEqualTo(guidance.place());
    }

    private static DensityRule rule(String lines) {
        return guidance(lines).densities().orElseThrow();
    }

    private static Guidance guidance(String lines) {
        String recipe = """
            merge_method: ties
            base_model: base
            models:
              - model: math
            guidance:
              calibration: train.jsonl
              %s
            """.formatted(lines);
        return Recipe.parse("r.yaml", recipe, Path.of(".")).guidance().orElseThrow();
    }
}
