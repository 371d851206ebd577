package org.lewis.cli;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lewis.calibrate.TokenIds;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.checkpoint.Safetensors;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Resources;
import org.lewis.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis logits MODEL --token-ids FILE -o OUT`: what a model makes of token ids.
@Command(name = "logits", description = "Write the logits of a full causal pass.")
final class LogitsCommand extends Subcommand {

    @Parameters(paramLabel = "MODEL", description = "The model: " + Models.HELP)
    private String model;

    @Option(
            names = "--token-ids",
            paramLabel = "FILE",
            required = true,
            description = "A JSON list of lists of token ids, all of one length.")
    private Path tokenIds;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The safetensors file to write: `logits` [batch, tokens, vocabulary], float32.")
    private Path output;

    @Mixin
    private ModelOptions running;

    @Override
    void run(Console console) throws Exception {
        Resources resources = running.resources();
        List<int[]> ids = TokenIds.read(tokenIds);
        OutputFile.prepare(output);
        try (ReadableModel weights = Models.locate(model).open();
                LanguageModel language = LanguageModel.open(weights, running.precision(weights), resources);
                Arena arena = Arena.ofConfined()) {
            Tensor logits = language.logits(ids, arena);
            Safetensors.write(output, List.of(logits), Map.of());
        }
        console.out().println(output);
    }
}
