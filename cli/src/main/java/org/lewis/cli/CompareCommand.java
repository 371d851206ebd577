package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.compare.Comparison;
import org.lewis.compare.ComparisonOptions;
import org.lewis.compare.Criterion;
import org.lewis.compare.FineTune;
import org.lewis.compare.Keep;
import org.lewis.compare.MethodSettings;
import org.lewis.compare.StandardMethod;
import org.lewis.document.Nearest;
import org.lewis.evaluate.Sandbox;
import org.lewis.evaluate.Task;
import org.lewis.forward.LanguageModel;
import org.lewis.guidance.LewisRun;
import org.lewis.guidance.Linears;
import org.lewis.measure.Differences;
import org.lewis.recipe.ModelReference;
import org.lewis.report.DifferenceFigures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis compare BASE FINE-TUNE... --test FILE -o DIR`: the same models merged in several ways, side by side.
@Command(
        name = "compare",
        description = "Merge models by several methods and evaluate the results beside the models that went in.")
final class CompareCommand extends Subcommand {

    @Parameters(index = "0", paramLabel = "BASE", description = "The base: " + Models.HELP)
    private String base;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FINE-TUNE",
            description = "Its fine-tunes, likewise; the folder of an adapter alone stands for the base with it.")
    private List<String> fineTunes;

    @Mixin
    private ComparisonTexts texts;

    @Option(
            names = "--task",
            paramLabel = "NAME|FILE",
            description = "A task file, or the name of a bundled task; may be repeated.")
    private List<String> tasks = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "Take the first N rows of each test and task.")
    private int limit = Integer.MAX_VALUE;

    @Mixin
    private CodeOptions code;

    @Option(
            names = "--method",
            paramLabel = "NAME",
            split = ",",
            description = "Methods to compare, of task_arithmetic, ties, dare, sparsegpt, lewis-ties, lewis-dare (which"
                    + " are the default), wanda, lewis-sparsegpt; may be repeated. With --recipe alone, none.")
    private List<String> methods = new ArrayList<>();

    @Option(names = "--recipe", paramLabel = "FILE", description = "A recipe to compare as well; may be repeated.")
    private List<Path> recipes = new ArrayList<>();

    @Mixin
    private MethodOptions settings;

    @Option(
            names = "--keep",
            paramLabel = "WHICH",
            description = "Merged models that stay in DIR/models: all, best or none (default: best).")
    private Keep keep = Keep.BEST;

    @Option(
            names = "--best-by",
            paramLabel = "NAME",
            description = "What makes a merge the best: perplexity, the mean over the tests (default where there are"
                    + " any); or a test or task by its name.")
    private String bestBy;

    @Option(
            names = "--merge-memory",
            paramLabel = "SIZE",
            converter = PassOptions.Bytes.class,
            description = "Merged weights that take more are written to a temporary folder while they are evaluated"
                    + " (default: 4GB).")
    private long memory = ComparisonOptions.STANDARD_MEMORY;

    @Option(names = "--fresh", description = "Compute everything anew, whatever an earlier comparison in DIR found.")
    private boolean fresh;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            required = true,
            description = "Where comparison_results.json, report.html, recipes and kept models go.")
    private Path output;

    @Mixin
    private CalibrationOptions calibration;

    @Override
    void run(Console console) throws Exception {
        List<Task> read = TaskOptions.read(tasks, this);
        LewisRun run = calibration.run(console);
        ComparisonOptions options;
        Comparison.Result result;
        try (ComparisonProgress progress = new ComparisonProgress(console)) {
            options = options(read);
            Criterion.of(options);
            calibration.requirePacksOf(Comparison.calibrated(options), "the comparison", this);
            Optional<Sandbox> sandbox = code.sandbox(read, this);
            try {
                result = Comparison.run(options, run, sandbox, progress);
            } finally {
                sandbox.ifPresent(Sandbox::close);
            }
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
        print(options, result, console);
    }

    private void print(ComparisonOptions options, Comparison.Result result, Console console)
            throws IOException, CommandException {
        ComparisonReport report = new ComparisonReport(options, result);
        report.html(differences(options)).write(output.resolve("report.html"));
        console.out().print(report.text(console));
        console.note("written: " + output.resolve("comparison_results.json") + ", " + output.resolve("report.html"));
        result.kept().forEach((name, folder) -> console.note("kept: " + name + " in " + folder));
        if (!result.isWhole()) {
            throw new CommandException(String.join("\n", report.failures()));
        }
    }

    /// What fine-tuning changed, for the report.
    private static DifferenceFigures differences(ComparisonOptions options) throws IOException {
        List<ReadableModel> tuned = new ArrayList<>();
        try (ReadableModel origin = Models.locate(options.base()).open()) {
            for (FineTune fineTune : options.fineTunes()) {
                tuned.add(Models.locate(fineTune.model()).open());
            }
            return new DifferenceFigures(
                    Differences.of(origin, tuned, Differences.Progress.NONE),
                    options.fineTunes().stream().map(FineTune::name).toList(),
                    Linears.of(LanguageModel.describe(origin)));
        } finally {
            tuned.forEach(ReadableModel::close);
        }
    }

    private ComparisonOptions options(List<Task> read) throws IOException {
        ModelReference origin = ModelReference.of(base);
        List<FineTune> models = new ArrayList<>();
        for (String model : fineTunes) {
            models.add(Models.fineTune(origin, model));
        }
        MethodSettings chosen = settings.settings();
        return new ComparisonOptions(
                origin,
                texts.calibrated(settings.weighted(models)),
                methods(),
                recipes,
                chosen,
                texts.tests(),
                read,
                limit,
                keep,
                Optional.ofNullable(bestBy),
                output,
                memory,
                !fresh);
    }

    private List<StandardMethod> methods() {
        if (methods.isEmpty()) {
            return recipes.isEmpty() ? StandardMethod.DEFAULTS : List.of();
        }
        return methods.stream()
                .distinct()
                .map(name -> StandardMethod.named(name)
                        .orElseThrow(() -> usage("unknown method \"" + name + "\""
                                + Nearest.suggestion(name, StandardMethod.keys())
                                + "; other merges are compared with --recipe")))
                .toList();
    }
}
