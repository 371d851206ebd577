package org.lewis.guidance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.document.DocumentException;
import org.lewis.plan.Sources;
import org.lewis.recipe.Guidance;
import org.lewis.recipe.Recipe;

/// Does what a recipe's `guidance:` block asks for: calibrates, and puts the densities it finds into the recipe.
///
/// @param recipe    with densities per tensor
/// @param densities of each merged model, by its name in the recipe
public record GuidedRecipe(Recipe recipe, Map<String, LayerTable> densities) {

    /// @throws DocumentException   when the recipe names no base
    /// @throws CheckpointException when a model cannot be run, or the calibration file holds no text
    public static GuidedRecipe of(Recipe recipe, LewisRun run) throws IOException {
        Guidance guidance = recipe.guidance().orElseThrow();
        ModelLocation base = Sources.locate(
                recipe.base()
                        .orElseThrow(() -> new DocumentException(guidance.place(), "guidance needs a `base_model`")),
                recipe);
        refuseUnknownModels(recipe, guidance);
        List<ModelLocation> tuned = new ArrayList<>();
        for (Recipe.Entry entry : recipe.merged()) {
            tuned.add(Sources.locate(entry.model(), recipe));
        }
        Linears linears = Linears.of(LewisRun.describe(base, tuned));
        Set<String> chosen = chosen(guidance, linears);
        Map<String, LayerTable> tables = new LinkedHashMap<>();
        List<Map<String, Double>> byTensor = new ArrayList<>();
        for (int i = 0; i < tuned.size(); i++) {
            Recipe.Entry entry = recipe.merged().get(i);
            String name = entry.model().toString();
            Movement movement = run.movement(
                    recipe.base().get().toString(),
                    base,
                    name,
                    tuned.get(i),
                    text(guidance, name, base, recipe),
                    guidance);
            LayerTable densities =
                    Lewis.densities(movement.scores(guidance.densities().granularity()), guidance.densities(), chosen);
            tables.put(name, densities);
            byTensor.add(byTensor(linears, densities));
        }
        return new GuidedRecipe(recipe.withDensities(byTensor, guidance.applyToWeights()), tables);
    }

    private static Set<String> chosen(Guidance guidance, Linears linears) {
        try {
            return linears.chosen(guidance.densities().only());
        } catch (IllegalArgumentException e) {
            throw new DocumentException(guidance.placeOf("only"), e.getMessage());
        }
    }

    private static void refuseUnknownModels(Recipe recipe, Guidance guidance) {
        Set<String> named = new TreeSet<>(guidance.calibration().keySet());
        named.addAll(guidance.templates().keySet());
        named.remove(Guidance.EVERY_MODEL);
        recipe.merged().forEach(entry -> named.remove(entry.model().toString()));
        if (!named.isEmpty()) {
            throw new DocumentException(
                    guidance.place(),
                    "guidance names models that the recipe does not merge: " + String.join(", ", named));
        }
    }

    private static TextSource text(Guidance guidance, String model, ModelLocation base, Recipe recipe)
            throws IOException {
        if (guidance.tokenIds().isPresent()) {
            return TextSource.ofIds(locate(guidance.tokenIds().get(), recipe));
        }
        String file = guidance.calibrationOf(model)
                .orElseThrow(
                        () -> new DocumentException(guidance.place(), "calibration has no file for \"" + model + "\""));
        TextSource.Cut cut = new TextSource.Cut(
                guidance.templateOf(model), guidance.samples(), guidance.seed(), guidance.maxLength());
        return TextSource.of(locate(file, recipe), cut, base.folder());
    }

    private static Path locate(String file, Recipe recipe) throws CheckpointException {
        for (Path path : List.of(Path.of(file), recipe.folder().resolve(file))) {
            if (Files.isRegularFile(path)) {
                return path;
            }
        }
        throw new CheckpointException(
                file + ": no such file, neither in the working directory nor beside the recipe in " + recipe.folder());
    }

    private static Map<String, Double> byTensor(Linears linears, LayerTable table) {
        Map<String, Double> densities = new LinkedHashMap<>();
        for (int layer = 0; layer < table.layers(); layer++) {
            for (Map.Entry<String, String> linear : linears.weights().get(layer).entrySet()) {
                densities.put(linear.getValue(), table.value(layer, linear.getKey()));
            }
        }
        return densities;
    }
}
