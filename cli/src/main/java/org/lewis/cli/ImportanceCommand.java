package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.lewis.guidance.DeltaFile;
import org.lewis.guidance.LewisConfig;
import org.lewis.guidance.Movement;
import org.lewis.guidance.MovementFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis importance LEWIS.yaml -o DIR`: how far each layer of each fine-tune moved.
@Command(
        name = "importance",
        description = "Compute LEWIS importance: run calibration text through models and compare their layers.")
final class ImportanceCommand extends Subcommand {

    @Parameters(paramLabel = "LEWIS.yaml", description = "A config of LEWIS's scripts.")
    private Path configFile;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Where TYPE_delta.csv goes, one for each fine-tune.")
    private Path output;

    @Option(names = "--json", description = "Write TYPE_importance.json too: what the deltas are made of.")
    private boolean json;

    @Option(names = "--table", description = "Print the deltas; without -o or --report they are printed anyway.")
    private boolean table;

    @Option(names = "--report", paramLabel = "FILE", description = "Draw everything into this HTML file.")
    private Path report;

    @Option(names = "--data", paramLabel = "FILE", description = "JSONL or text in place of the config's data set.")
    private Path data;

    @Option(
            names = "--token-ids",
            paramLabel = "FILE",
            description = "A JSON list of lists of token ids, in place of data set and tokenizer.")
    private Path tokenIds;

    @Mixin
    private CalibrationOptions calibration;

    @Override
    void run(Console console) throws Exception {
        if (data != null && tokenIds != null) {
            throw usage("--data and --token-ids exclude each other");
        }
        if (json && output == null) {
            throw usage("--json writes into the folder of --output, which is missing");
        }
        LewisConfig config = LewisConfig.read(configFile);
        calibration.requirePacksOf(config.models().keySet(), "the config", this);
        if (output != null && Files.exists(output) && !Files.isDirectory(output)) {
            throw new IOException(output + ": is a file, not a folder");
        }
        if (report != null) {
            OutputFile.prepare(report);
        }
        Map<String, Movement> movements =
                calibration.run(console).movements(config, Optional.ofNullable(data), Optional.ofNullable(tokenIds));
        ImportanceReport result = new ImportanceReport(config.baseType(), movements);
        if (output != null) {
            write(movements, config.baseType(), console);
        }
        if (report != null) {
            result.html().write(report);
            console.out().println(report);
        }
        if (table || output == null && report == null) {
            console.out().print(result.text());
        }
    }

    private void write(Map<String, Movement> movements, String baseType, Console console) throws IOException {
        for (Map.Entry<String, Movement> entry : movements.entrySet()) {
            DeltaFile deltas = new DeltaFile(entry.getKey(), baseType);
            deltas.write(output, entry.getValue().deltas());
            console.out().println(deltas.in(output));
            if (json) {
                MovementFile importances = new MovementFile(entry.getKey(), baseType);
                importances.write(output, entry.getValue());
                console.out().println(importances.in(output));
            }
        }
    }
}
