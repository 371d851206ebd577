package org.lewis.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lewis.report.ChartPictures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis report RESULTS... -o FILE`: saved results as a page, and its charts as pictures.
@Command(
        name = "report",
        description = "Draw saved results of evaluate and compare into a page, and charts into picture files.")
final class ReportCommand extends Subcommand {

    private static final String PAGE = ".html";

    @Parameters(
            paramLabel = "RESULTS",
            arity = "1..*",
            description = "Folders that evaluate or compare wrote, or their results.json; or one finished report.html,"
                    + " for --charts.")
    private List<Path> results;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The page to write, such as report.html.")
    private Path output;

    @Option(
            names = "--charts",
            paramLabel = "DIR",
            description = "Write each chart as PNG and SVG here; Chromium or Chrome draws them.")
    private Path charts;

    @Override
    void run(Console console) throws Exception {
        boolean isPage = results.getFirst().toString().endsWith(PAGE);
        if (isPage && (results.size() > 1 || output != null || charts == null)) {
            throw usage("of a finished report only charts can be made: one FILE.html and --charts DIR");
        }
        if (!isPage && output == null) {
            throw usage("-o says where the page goes, such as -o report.html");
        }
        Optional<ChartPictures> pictures = charts == null ? Optional.empty() : Optional.of(ChartPictures.into(charts));
        Path page = isPage ? results.getFirst() : output;
        if (!isPage) {
            OutputFile.prepare(output);
            new ResultsReport(SavedResults.read(results)).html().write(output);
            console.out().println(output);
        }
        if (pictures.isPresent()) {
            List<Path> files = pictures.get().write(page);
            files.forEach(console.out()::println);
            if (files.isEmpty()) {
                console.note(page + " has no charts");
            }
        }
    }
}
