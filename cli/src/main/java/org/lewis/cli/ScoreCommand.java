package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lewis.dataset.Rows;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.evaluate.Sandbox;
import org.lewis.evaluate.SavedSamples;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.Task;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis score TASK --generations FILE -o OUT`: scores saved answers without a model.
@Command(name = "score", description = "Score saved generations again, without a model.")
final class ScoreCommand extends Subcommand {

    @Parameters(
            paramLabel = "TASK",
            description =
                    "A way to score (gsm8k, python, bleu, exact_match, multiple_choice, perplexity), or a task as in"
                            + " evaluate.")
    private String task;

    @Option(
            names = "--generations",
            paramLabel = "FILE",
            required = true,
            description = "Rows with `generation` and `target`, or as evaluate --log-samples writes them.")
    private Path generations;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The JSONL file of scored rows to write.")
    private Path output;

    @Mixin
    private CodeOptions code;

    @Override
    void run(Console console) throws Exception {
        Task.Form form = form();
        boolean runsCode = form instanceof Task.Generation generation && generation.scoring() instanceof Task.Programs;
        if (runsCode) {
            code.require(task + " runs generated code", this);
        }
        List<Node> rows = Rows.read(generations);
        OutputFile.prepare(output);
        Optional<Sandbox> sandbox = runsCode ? Optional.of(code.sandbox(task, this)) : Optional.empty();
        SavedSamples scored;
        try {
            scored = SavedSamples.score(form, rows, generations.toString(), sandbox);
        } finally {
            sandbox.ifPresent(Sandbox::close);
        }
        Files.writeString(
                output,
                scored.rows().stream().map(row -> Json.compact(row) + "\n").collect(Collectors.joining()));
        console.note(scored.scores().stream().map(ScoreCommand::sentence).collect(Collectors.joining(", ")));
        console.out().println(output);
    }

    private Task.Form form() throws IOException {
        return SavedSamples.KINDS.contains(task)
                ? SavedSamples.form(task)
                : Task.read(TaskOptions.file(task, this)).form();
    }

    private static String sentence(Score score) {
        return score.metric() + " " + TextTable.score(score);
    }
}
