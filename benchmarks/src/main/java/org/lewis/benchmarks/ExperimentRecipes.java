package org.lewis.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Recipes of the experiments on the bundled models. Uniform ones prune the same linear layers as guided ones;
/// embeddings, norms and head stay whole in both.
///
/// @param examples folder of models and data, as the recipes are to name it
record ExperimentRecipes(Path examples) {

    /// What is merged, and how.
    ///
    /// @param tuned names of the fine-tunes
    record Setup(String method, List<String> tuned) {

        @Override
        public String toString() {
            return method + " of " + String.join(" and ", tuned);
        }
    }

    private static final Map<String, String> TEMPLATES = Map.of(
            "math", "\"Question: {question}\\nAnswer: {answer}\"",
            "code", "\"\\\"\\\"\\\"{text}\\\"\\\"\\\"\\n{code}\"");

    /// @param densities one for each fine-tune
    String uniform(Setup setup, List<Double> densities) {
        List<String> parameters = new ArrayList<>();
        for (double density : densities) {
            parameters.add(String.format(
                    Locale.ROOT,
                    "weight: 1, density: [{filter: self_attn, value: %1$.17g}, {filter: mlp, value: %1$.17g},"
                            + " {value: 1}]",
                    density));
        }
        return recipe(setup, parameters);
    }

    /// @param rule keys of the guidance block, separated by `; `: `gamma: 0.3; epsilon: 0.8`
    String guided(Setup setup, long seed, String rule) {
        StringBuilder calibration = new StringBuilder();
        StringBuilder templates = new StringBuilder();
        for (String name : setup.tuned()) {
            calibration.append("    %s: %s%n"
                    .formatted(model(name), examples.resolve("data").resolve(name + "_train.jsonl")));
            templates.append("    %s: %s%n".formatted(model(name), TEMPLATES.get(name)));
        }
        String keys = "  " + rule.replace("; ", "\n  ");
        return recipe(setup, setup.tuned().stream().map(_ -> "weight: 1").toList())
                + "guidance:\n  calibration:\n" + calibration + "  template:\n" + templates
                + "  samples: 15\n  seed: " + seed + "\n" + keys + "\n";
    }

    Path model(String name) {
        return examples.resolve("models").resolve(name);
    }

    private String recipe(Setup setup, List<String> parameters) {
        StringBuilder recipe = new StringBuilder("""
            merge_method: %s
            base_model: %s
            models:
            """.formatted(setup.method(), model("base")));
        for (int i = 0; i < parameters.size(); i++) {
            recipe.append("  - model: ")
                    .append(model(setup.tuned().get(i)))
                    .append("\n    parameters: {")
                    .append(parameters.get(i))
                    .append("}\n");
        }
        return recipe.append("parameters: {normalize: true}\ndtype: bfloat16\n").toString();
    }
}
