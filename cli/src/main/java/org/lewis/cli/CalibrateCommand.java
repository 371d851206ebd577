package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.Pack;
import org.lewis.calibrate.PackInfo;
import org.lewis.checkpoint.HubCache;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.dataset.NamedText;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Precision;
import org.lewis.guidance.TextSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis calibrate MODEL --data FILE -o PACK`: what text does to a model's linear layers, as a file.
@Command(name = "calibrate", description = "Run text through a model and write what it did to each layer into a pack.")
final class CalibrateCommand extends Subcommand {

    @Parameters(paramLabel = "MODEL", description = "The model: " + Models.HELP)
    private String model;

    @Option(
            names = "--data",
            paramLabel = "FILE|NAME",
            description = "Rows, or a text with a sample in each line; or mbpp or gsm8k, from the hub's cache.")
    private String data;

    @Option(
            names = "--token-ids",
            paramLabel = "FILE",
            description = "A JSON list of lists of token ids, in place of text and tokenizer.")
    private Path tokenIds;

    @Option(
            names = "--template",
            paramLabel = "T",
            description = "How a row becomes text (default: \"{question} {answer}\"; for mbpp \"{text} {code}\").")
    private String template;

    @Option(names = "--samples", paramLabel = "N", description = "At most that many rows (default: ${DEFAULT-VALUE}).")
    private int samples = 15;

    @Option(names = "--max-length", paramLabel = "N", description = "Tokens of a sample (default: ${DEFAULT-VALUE}).")
    private int maxLength = 512;

    @Option(names = "--seed", paramLabel = "N", description = "Chooses the rows (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(
            names = "--gram",
            paramLabel = "WHAT",
            description = "What to keep of the products of inputs: diagonal or full (default: diagonal).")
    private PackInfo.Gram gram = PackInfo.Gram.DIAGONAL;

    @Option(
            names = "--sparsity-ratio",
            paramLabel = "R",
            description = "Prune this share of each block once its statistics are taken, as LEWIS's scripts do"
                    + " (default: 0).")
    private double sparsityRatio;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PACK",
            required = true,
            description = "The safetensors file to write.")
    private Path output;

    @Mixin
    private PassOptions pass;

    @Override
    void run(Console console) throws Exception {
        if ((data == null) == (tokenIds == null)) {
            throw usage("give either --data FILE or --token-ids FILE");
        }
        if (samples < 1 || maxLength < 1) {
            throw usage("--samples and --max-length must be at least 1");
        }
        if (!(sparsityRatio >= 0 && sparsityRatio < 1)) {
            throw usage("--sparsity-ratio must be in [0, 1), found " + sparsityRatio);
        }
        ModelLocation location = Models.locate(model);
        Path folder = output.toAbsolutePath().getParent();
        OutputFile.prepare(output);
        TextSource text = tokenIds == null ? text(location) : TextSource.ofIds(tokenIds);
        Precision precision;
        try (ReadableModel weights = location.open()) {
            precision = pass.precision().orElseGet(() -> Precision.of(weights));
        }
        Calibration calibration = new Calibration(precision, sparsityRatio, gram, pass.resources(folder));
        CalibrationProgress progress = new CalibrationProgress(console);
        Pack pack = calibration.run(location, text.of(location), output, new BlockStream.Progress() {
            @Override
            public void finished(int blocks, int ofBlocks) {}

            @Override
            public void passed(int block, int ofBlocks, long tokens, long ofTokens) {
                progress.passed(model, block, ofBlocks, tokens, ofTokens);
            }
        });
        console.out().println(output + ": " + summary(pack));
    }

    private TextSource text(ModelLocation location) throws IOException {
        NamedText text = NamedText.find(data, Path.of("").toAbsolutePath(), HubCache.standard())
                .orElseThrow(() -> Files.isDirectory(Path.of(data))
                        ? new IOException(data + ": is a folder, not a file")
                        : new NoSuchFileException(data));
        TextSource.Cut cut =
                new TextSource.Cut(template == null ? text.template() : template, samples, seed, maxLength);
        return TextSource.of(text.file(), cut, location.folder());
    }

    static String summary(Pack pack) {
        return String.format(
                Locale.ROOT,
                "%,d linear layers, %,d samples, %,d tokens, %s",
                pack.byWeight().size(),
                pack.info().samples(),
                pack.info().tokens(),
                pack.info().precision().key());
    }
}
