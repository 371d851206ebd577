package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.lewis.document.Json;
import org.lewis.engine.MemoryEstimate;
import org.lewis.engine.Merge;
import org.lewis.engine.Options;
import org.lewis.engine.Report;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.plan.Plan;
import org.lewis.plan.PlanDocument;
import org.lewis.plan.Sources;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis merge RECIPE -o DIR`: models in, one model out.
@Command(name = "merge", description = "Merge models as a recipe says.")
final class MergeCommand extends Subcommand {

    @Parameters(paramLabel = "RECIPE", description = "A YAML file in mergekit's schema.")
    private Path recipeFile;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Where the merged model goes: a new or empty folder.")
    private Path output;

    @Option(names = "--threads", paramLabel = "N", description = "Threads to use (default: all cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of random masks (default: ${DEFAULT-VALUE}).")
    private long seed = Plan.DEFAULT_SEED;

    @Option(names = "--resume", description = "Go on with an unfinished merge of the same recipe.")
    private boolean resume;

    @Option(names = "--force", description = "Replace what stands in the output folder.")
    private boolean force;

    @Option(names = "--strict", description = "Refuse NaN and infinities instead of warning.")
    private boolean strict;

    @Option(names = "--hash-inputs", description = "Record checksums of whole input files in the manifest.")
    private boolean hashInputs;

    @Option(
            names = "--keep-stages",
            paramLabel = "DIR",
            description = "Write the named stages of the recipe, too, each to a folder of its name in DIR.")
    private Path stages;

    @Option(names = "--dry-run", description = "Print the plan and write nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "With --dry-run: print the plan as JSON.")
    private boolean json;

    @Mixin
    private CalibrationOptions calibration;

    @Override
    void run(Console console) throws Exception {
        if (threads < 1) {
            throw usage("--threads must be at least 1, found " + threads);
        }
        if (output == null && !dryRun) {
            throw usage("--output DIR is missing");
        }
        if (json && !dryRun) {
            throw usage("--json prints the plan of a --dry-run, which is missing");
        }
        Options options = new Options(threads, resume, force, strict, hashInputs);
        Recipe recipe = Recipe.read(recipeFile);
        Map<Path, Recipe> kept = stages == null ? Map.of() : keptStages(recipe);
        if (dryRun) {
            print(recipe, console);
            return;
        }
        calibration.requirePacksOf(calibrated(recipe), "the recipe", this);
        Merge.refuseOccupied(output, options);
        for (Path folder : kept.keySet()) {
            Merge.refuseOccupied(folder, options);
        }
        if (recipe.guidance().isPresent()) {
            try (Sources sources = Sources.open(recipe)) {
                Plan.of(recipe, sources, seed); // what cannot be merged is refused before the models run
            }
            recipe = GuidedRecipe.of(recipe, calibration.run(console), seed).recipe();
        }
        for (Map.Entry<Path, Recipe> stage : kept.entrySet()) {
            merge(stage.getValue(), stage.getKey(), options, console);
        }
        merge(recipe, output, options, console);
    }

    /// Names of the models that calibration runs, base first.
    private static List<String> calibrated(Recipe recipe) {
        return recipe.guidance().isEmpty()
                ? List.of()
                : Stream.concat(recipe.base().stream(), recipe.merged().stream().map(Recipe.Entry::model))
                        .map(ModelReference::toString)
                        .toList();
    }

    /// Every stage with its folder.
    private Map<Path, Recipe> keptStages(Recipe recipe) {
        Map<Path, Recipe> kept = new LinkedHashMap<>();
        recipe.allStages().forEach((name, stage) -> {
            if (!Path.of(name).getFileName().toString().equals(name) || name.startsWith(".")) {
                throw usage("--keep-stages: the stage \"" + name + "\" cannot be the name of a folder");
            }
            kept.put(stages.resolve(name), stage);
        });
        if (kept.isEmpty()) {
            throw usage("--keep-stages: " + recipeFile + " has no stages; they are documents with a `name`");
        }
        return kept;
    }

    private void print(Recipe recipe, Console console) throws IOException {
        try (Sources sources = Sources.open(recipe)) {
            Plan plan = Plan.of(recipe, sources, seed);
            if (json) {
                Map<String, Object> document = PlanDocument.of(plan, sources);
                document.put("peak_memory", MemoryEstimate.of(plan, threads));
                recipe.guidance().ifPresent(_ -> document.put("calibrated", false));
                console.out().print(Json.pretty(document));
            } else {
                console.out().print(guidance(recipe) + PlanText.of(plan, sources, threads));
            }
        }
    }

    /// What a plan cannot show before calibration, which takes longer than many merges.
    private static String guidance(Recipe recipe) throws IOException {
        if (recipe.guidance().isEmpty()) {
            return "";
        }
        long bytes = GuidedRecipe.bytes(recipe);
        return (bytes == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "guidance: Gram matrices and what is made of them take up to %,d bytes%n",
                                bytes))
                + "guidance: what it sets is known only after calibration, which a dry run leaves out; the parameters"
                + " are those of the recipe\n";
    }

    private void merge(Recipe recipe, Path folder, Options options, Console console) throws IOException {
        long start = System.nanoTime();
        Report report;
        try (LateProgress progress = new LateProgress(console, "merging", Progress.BYTES)) {
            report = Merge.run(recipe, folder, seed, options, (_, done, total) -> progress.to(done, total));
        }
        report.notes().forEach(note -> console.note("note: " + note));
        report.warnings().forEach(warning -> console.err().println("warning: " + warning));
        console.note(String.format(
                Locale.ROOT,
                "%s: %d tensors, %,d bytes, in %.1f s%s",
                folder,
                report.checksums().size(),
                report.bytes(),
                (System.nanoTime() - start) / 1e9,
                report.resumed() > 0 ? "; " + report.resumed() + " were finished before" : ""));
    }
}
