package org.lewis.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `lewis demo`: the whole way on the bundled models, from calibration to a report.
@Command(name = "demo", description = "Merge the bundled math and code models, uniformly and guided, and compare them.")
final class DemoCommand extends Subcommand {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description =
                    "Where models, recipes, tables and report go (default: ${DEFAULT-VALUE}); an earlier demo there is"
                            + " replaced.")
    private Path output = Path.of("lewis-demo");

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Test problems of each task (default: ${DEFAULT-VALUE}).")
    private int limit = 150;

    @Override
    void run(Console console) throws Exception {
        if (limit < 1) {
            throw usage("--limit must be at least 1, found " + limit);
        }
        long start = System.nanoTime();
        Path examples = Examples.installed().folder();
        DemoFolder folder = new DemoFolder(output);
        folder.prepare();
        Demo demo = new Demo(examples, output, limit, console);
        List<Demo.Row> rows = demo.run();
        DemoReport report = new DemoReport(
                rows,
                demo.calibrated(),
                demo.differences(),
                Files.readString(demo.guidedRecipe()),
                Files.readString(demo.guidedModel().resolve("lewis-manifest.json")),
                limit);
        folder.writeResults(report.json());
        Files.writeString(output.resolve("table.txt"), report.text());
        report.html().write(output.resolve("report.html"));
        console.out().println();
        console.out().print(report.text());
        console.out().println();
        console.out()
                .printf(
                        Locale.ROOT,
                        "Report: %s (all in %.0f s)%n",
                        output.resolve("report.html"),
                        (System.nanoTime() - start) / 1e9);
    }
}
