package org.lewis.cli;

import java.nio.file.Path;
import java.util.List;
import org.lewis.calibrate.PackMerge;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis pack merge A B -o C`: calibration packs of one model and different text become one.
@Command(name = "pack", description = "Add calibration packs of one model up, as if all their text had run at once.")
final class PackCommand extends Subcommand {

    @Parameters(index = "0", paramLabel = "merge", description = "What to do.")
    private String action;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PACK", description = "Packs of one model.")
    private List<Path> packs;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PACK",
            required = true,
            description = "The safetensors file to write.")
    private Path output;

    @Override
    void run(Console console) throws Exception {
        if (!action.equals("merge")) {
            throw usage("unknown action \"" + action + "\"; known: merge");
        }
        OutputFile.prepare(output);
        console.out().println(output + ": " + CalibrateCommand.summary(PackMerge.merge(packs, output)));
    }
}
