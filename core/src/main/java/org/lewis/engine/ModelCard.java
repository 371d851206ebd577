package org.lewis.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lewis.document.Yaml;
import org.lewis.merge.Method;
import org.lewis.plan.Plan;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;

/// The `README.md` of a merged model: what it was made of and how, with the front matter that model hubs read.
final class ModelCard {

    static final String FILE = "README.md";

    private ModelCard() {}

    static String of(Recipe recipe, Plan plan) {
        Method method = recipe.method();
        List<String> models =
                recipe.inputs().stream().map(ModelReference::toString).toList();
        Map<String, Object> front = new LinkedHashMap<>();
        front.put("base_model", models);
        front.put("library_name", "transformers");
        front.put("tags", List.of("merge", "lewis"));
        String list = models.stream().map(model -> "- " + model).collect(Collectors.joining("\n"));
        return """
            ---
            %s---
            # Merged model

            Merged by Lewis with the method `%s`: %s (%s).%s

            %s
            %s
            The recipe, also in `lewis-recipe.yaml`:

            ```yaml
            %s
            ```

            `lewis-manifest.json` holds the resolved parameters, the seed and a checksum of each tensor.
            """.formatted(
                        Yaml.write(front),
                        method.name(),
                        method.description().summary(),
                        method.description().source(),
                        stages(recipe),
                        list,
                        vocabulary(plan),
                        recipe.text().stripTrailing());
    }

    /// Nothing where the models kept their own.
    private static String vocabulary(Plan plan) {
        return plan.donor()
                .tokens()
                .rows()
                .map(rows -> "\nThe models were brought to one vocabulary of " + rows + " rows.\n")
                .orElse("");
    }

    /// What was merged before, if anything.
    private static String stages(Recipe recipe) {
        return recipe.stages().isEmpty()
                ? ""
                : recipe.allStages().entrySet().stream()
                        .map(stage -> "`" + stage.getKey() + "` by `"
                                + stage.getValue().method().name() + "`")
                        .collect(Collectors.joining(", ", " Before that were made ", "."));
    }
}
