package org.lewis.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelFinder;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.document.DocumentException;
import org.lewis.document.Nearest;
import org.lewis.guidance.DeltaFile;
import org.lewis.guidance.LayerTable;
import org.lewis.guidance.Lewis;
import org.lewis.guidance.LewisConfig;
import org.lewis.guidance.LewisRecipe;
import org.lewis.guidance.LewisRun;
import org.lewis.guidance.Linears;
import org.lewis.guidance.MovementFile;
import org.lewis.merge.Method;
import org.lewis.merge.Methods;
import org.lewis.recipe.DensityRule;
import org.lewis.recipe.ModelReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis recipe LEWIS.yaml --importance DIR ...`: importance becomes densities, densities become a recipe.
@Command(name = "recipe", description = "Write the merge recipe that LEWIS importance leads to.")
final class RecipeCommand extends Subcommand {

    @Parameters(paramLabel = "LEWIS.yaml", description = "The config that `lewis importance` ran with.")
    private Path configFile;

    @Option(
            names = "--importance",
            paramLabel = "DIR",
            required = true,
            description = "Where `lewis importance` wrote its tables.")
    private Path importance;

    @Option(names = "--method", paramLabel = "NAME", description = "Merge method (default: ${DEFAULT-VALUE}).")
    private String method = "ties";

    @Option(names = "--weights", description = "Use the densities as the models' weights too.")
    private boolean weights;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The recipe to write.")
    private Path output;

    @Mixin
    private DensityOptions densities;

    @Override
    void run(Console console) throws Exception {
        DensityRule rule;
        try {
            rule = densities.rule();
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
        Method chosenMethod = Methods.named(method)
                .orElseThrow(() ->
                        usage("unknown merge method \"" + method + "\"" + Nearest.suggestion(method, Methods.names())));
        if (chosenMethod.parameters().stream()
                .noneMatch(parameter -> parameter.name().equals("density"))) {
            throw usage("--method: " + method + " has no densities that LEWIS could set");
        }
        LewisConfig config = LewisConfig.read(configFile);
        if (config.targets().isEmpty()) {
            throw new DocumentException(
                    configFile + ": `target_model_names` is missing, so there is no model that the recipe could merge");
        }
        Linears linears = linears(config);
        Set<String> chosen;
        try {
            chosen = linears.chosen(rule.only());
        } catch (IllegalArgumentException e) {
            throw usage("--only: " + e.getMessage());
        }
        Map<String, LayerTable> byName = new LinkedHashMap<>();
        for (Map.Entry<String, String> target : config.targets().entrySet()) {
            LayerTable scores = scores(target.getKey(), config, rule, linears);
            byName.put(target.getValue(), Lewis.densities(scores, rule, chosen));
        }
        String yaml = new LewisRecipe(config.baseName(), byName, linears, method, config.globals(), weights).yaml();
        OutputFile.prepare(output);
        Files.write(output, yaml.getBytes(StandardCharsets.UTF_8));
        console.out().println(output);
        noteModelsOutOfSight(config, console);
    }

    /// The recipe has the config's own names, which may be paths that only the config's folder makes right.
    private void noteModelsOutOfSight(LewisConfig config, Console console) throws IOException {
        Path besideConfig = configFile.toAbsolutePath().normalize().getParent();
        Path besideRecipe = output.toAbsolutePath().getParent();
        List<String> names = new ArrayList<>(List.of(config.baseName()));
        names.addAll(config.targets().values());
        for (String name : List.copyOf(names)) {
            if (!isFound(name, besideConfig) || isFound(name, besideRecipe)) {
                names.remove(name);
            }
        }
        if (!names.isEmpty()) {
            console.note(String.join(", ", names) + ": found from " + besideConfig + " only, so the recipe has to lie"
                    + " there to be merged");
        }
    }

    private static boolean isFound(String name, Path folder) throws IOException {
        try {
            ModelReference model = ModelReference.of(name);
            ModelFinder.beside(folder).locate(model.path(), model.revision(), model.adapter());
            return true;
        } catch (CheckpointException | IllegalArgumentException e) {
            return false;
        }
    }

    /// Those of the base model when it is here; else they are called as LEWIS's scripts call them.
    private Linears linears(LewisConfig config) throws IOException {
        ModelLocation base;
        try {
            base = config.model(config.baseType());
        } catch (CheckpointException e) {
            if (config.components().isEmpty()) {
                throw e;
            }
            String type = config.targets().keySet().iterator().next();
            return config.linears(new DeltaFile(type, config.baseType())
                    .read(importance, config.components())
                    .layers());
        }
        return config.linears(LewisRun.describe(base));
    }

    private LayerTable scores(String type, LewisConfig config, DensityRule rule, Linears linears) throws IOException {
        return rule.granularity() == DensityRule.Granularity.COMPONENT
                ? new MovementFile(type, config.baseType())
                        .read(importance, linears.components())
                        .scores(rule.granularity())
                : new DeltaFile(type, config.baseType()).read(importance, linears.components());
    }
}
