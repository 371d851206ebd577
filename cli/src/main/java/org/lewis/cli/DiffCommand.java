package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.measure.Differences;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis diff BASE FINE-TUNE...`: what fine-tuning changed, and how the changes go together.
@Command(name = "diff", description = "Compare fine-tunes with their base and with each other, tensor by tensor.")
final class DiffCommand extends Subcommand {

    @Parameters(index = "0", paramLabel = "BASE", description = "The base: " + Models.HELP)
    private String base;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "FINE-TUNE", description = "Its fine-tunes, likewise.")
    private List<String> tuned;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "List the N tensors that changed most (default: ${DEFAULT-VALUE}).")
    private int top = 20;

    @Option(names = "--json", paramLabel = "FILE", description = "Write everything, tensor by tensor, as JSON.")
    private Path json;

    @Option(names = "--report", paramLabel = "FILE", description = "Draw heat maps and histograms into this HTML file.")
    private Path report;

    @Override
    void run(Console console) throws Exception {
        if (top < 0) {
            throw usage("--top must not be negative, found " + top);
        }
        for (Path file : new Path[] {json, report}) {
            if (file != null) {
                OutputFile.prepare(file);
            }
        }
        List<String> names = new ArrayList<>();
        List<ReadableModel> opened = new ArrayList<>();
        Differences differences;
        try (ReadableModel origin = Models.locate(base).open()) {
            for (String model : tuned) {
                ModelLocation location = Models.locate(model);
                names.add(location.shortName());
                opened.add(location.open());
            }
            try (LateProgress progress = new LateProgress(console, "comparing", "parameters")) {
                differences = Differences.of(origin, opened, progress::to);
            }
        } finally {
            opened.forEach(ReadableModel::close);
        }
        differences.notes().forEach(note -> console.note("note: " + note));
        DifferenceText text = new DifferenceText(base, distinct(names), differences);
        console.out().print(text.tables(top));
        write(text, console);
    }

    private void write(DifferenceText text, Console console) throws IOException {
        if (json != null) {
            Files.writeString(json, text.json());
            console.note("written: " + json);
        }
        if (report != null) {
            new DifferencePictures(text).report().write(report);
            console.note("written: " + report);
        }
    }

    /// The names with numbers where two are alike.
    private static List<String> distinct(List<String> names) {
        Map<String, Integer> seen = new HashMap<>();
        return names.stream()
                .map(name -> {
                    int number = seen.merge(name, 1, Integer::sum);
                    return number == 1 ? name : name + "-" + number;
                })
                .toList();
    }
}
