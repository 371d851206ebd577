package org.lewis.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.lewis.checkpoint.ModelFinder;
import org.lewis.extract.Choice;
import org.lewis.extract.Extraction;
import org.lewis.extract.Fit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis extract-lora MODEL --base BASE -o DIR`: the difference of two models as a LoRA adapter.
@Command(name = "extract-lora", description = "Extract a LoRA adapter from a fine-tuned model.")
final class ExtractLoraCommand extends Subcommand {

    @Parameters(paramLabel = "MODEL", description = "The fine-tuned model: a folder or a name.")
    private String model;

    @Option(names = "--base", required = true, paramLabel = "BASE", description = "The model it was tuned from.")
    private String base;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "Where the adapter goes: a new or empty folder.")
    private Path output;

    @Option(names = "--rank", paramLabel = "N", description = "Rank of every linear (default: 32).")
    private Integer rank;

    @Option(
            names = "--energy",
            paramLabel = "E",
            description =
                    "Instead: the smallest rank whose singular values make this share of the sum of their squares,"
                            + " in (0, 1].")
    private Double energy;

    @Option(names = "--max-rank", paramLabel = "N", description = "With --energy: the largest rank (default: 128).")
    private Integer maxRank;

    @Option(names = "--include", paramLabel = "REGEX", description = "Only modules whose names hold a match.")
    private List<String> include = List.of();

    @Option(names = "--exclude", paramLabel = "REGEX", description = "No modules whose names hold a match.")
    private List<String> exclude = List.of();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the vectors that large matrices are searched with (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(names = "--threads", paramLabel = "N", description = "Linears to work on at once (default: all cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    void run(Console console) throws Exception {
        Choice choice = choice();
        if (threads < 1) {
            throw usage("--threads must be at least 1, found " + threads);
        }
        ModelFinder finder = ModelFinder.standard();
        Path tuned = finder.find("model", model, Optional.empty());
        Path original = finder.find("model", base, Optional.empty());
        try (LateProgress progress = new LateProgress(console, "extracting", Progress.BYTES)) {
            Extraction.Report report = Extraction.run(tuned, original, base, output, choice, threads, progress::to);
            progress.close();
            print(report, console.out());
        }
    }

    private Choice choice() {
        if (rank != null && energy != null) {
            throw usage("expected either --rank or --energy, found both");
        }
        if (maxRank != null && energy == null) {
            throw usage("--max-rank belongs to --energy; use --rank");
        }
        int most = rank != null ? rank : maxRank != null ? maxRank : energy != null ? 128 : 32;
        if (most < 1) {
            throw usage((rank != null ? "--rank" : "--max-rank") + " must be at least 1, found " + most);
        }
        if (energy != null && !(energy > 0 && energy <= 1)) {
            throw usage("--energy must be in (0, 1], found " + energy);
        }
        OptionalDouble share = energy == null ? OptionalDouble.empty() : OptionalDouble.of(energy);
        return new Choice(most, share, patterns("--include", include), patterns("--exclude", exclude), seed);
    }

    private List<Pattern> patterns(String option, List<String> texts) {
        try {
            return texts.stream().map(Pattern::compile).toList();
        } catch (PatternSyntaxException e) {
            throw usage(option + " " + e.getPattern() + ": no regular expression: " + e.getDescription());
        }
    }

    private static void print(Extraction.Report report, PrintStream out) {
        TextTable table = TextTable.of(List.of("module", "rank", "error"));
        for (Fit fit : report.fits()) {
            table.add(List.of(fit.module(), fit.rank() + "", String.format(Locale.ROOT, "%.6f", fit.error())));
        }
        out.print(table);
        report.whole().forEach(name -> out.println(name + "  saved whole"));
        if (!report.excluded().isEmpty()) {
            out.println(report.excluded().size() + " other tensors differ and were left out");
        }
        out.printf(
                Locale.ROOT,
                "%s: %d linears, %d tensors saved whole, error %.6f of all differences%n",
                report.output(),
                report.fits().size(),
                report.whole().size(),
                report.error());
    }
}
