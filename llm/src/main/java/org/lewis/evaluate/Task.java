package org.lewis.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lewis.dataset.DataSet;
import org.lewis.dataset.Template;

/// What a model is asked, and how its answers are scored; read from a small YAML file.
///
/// @param folder  of the task file, from which paths count
/// @param shuffle seed that orders the rows anew; empty for their own order
public record Task(String name, Path folder, DataSet data, Optional<Long> shuffle, FewShot fewShot, Form form) {

    /// Which kind of question it is.
    public sealed interface Form {}

    /// The model continues a prompt.
    ///
    /// @param target           how a row becomes what it should have said; empty when only tests decide
    /// @param targetPerplexity whether to report also how well the model predicts the targets
    public record Generation(
            Template prompt, Optional<Template> target, Decoding decoding, Scoring scoring, boolean targetPerplexity)
            implements Form {}

    /// The model tells which continuation of a prompt it finds likeliest.
    ///
    /// @param choices   path of a list in the row, or templates of one choice each
    /// @param answer    path of the right one: its index, its label, or its text
    /// @param labels    path of the list of labels that the answer may be one of
    /// @param delimiter between prompt and choice
    public record MultipleChoice(
            Template prompt, List<String> choices, String answer, Optional<String> labels, String delimiter)
            implements Form {}

    /// The model predicts texts.
    ///
    /// @param text   how a row becomes text; empty for a file that is one text
    /// @param join   what stands between rows that make one text together; empty when each is a text of its own
    /// @param window tokens that the model sees at once
    /// @param stride tokens between the beginnings of windows; a window predicts what none before it has
    public record Prediction(Optional<Template> text, Optional<String> join, int window, int stride) implements Form {

        public Prediction {
            if (!(window >= 2 && stride >= 1 && stride <= window)) {
                throw new IllegalArgumentException(
                        "expected a window of 2 tokens or more and a stride of 1 to " + window + ", found " + stride);
            }
        }
    }

    /// How answers are generated.
    ///
    /// @param maxNewTokens of an answer
    /// @param stop         strings that end an answer
    /// @param samples      answers to each problem
    /// @param temperature  0 for the likeliest token each time
    /// @param topP         share of the probability that tokens are drawn from
    public record Decoding(int maxNewTokens, List<String> stop, int samples, double temperature, double topP) {

        public Decoding {
            stop = List.copyOf(stop);
            if (!(maxNewTokens >= 1 && samples >= 1)) {
                throw new IllegalArgumentException("expected at least one token and one sample");
            }
            if (!(temperature >= 0 && temperature <= 100 && topP > 0 && topP <= 1)) {
                throw new IllegalArgumentException(
                        "temperature must be in [0, 100] and top_p in (0, 1], found " + temperature + " and " + topP);
            }
            if (samples > 1 && temperature == 0) {
                throw new IllegalArgumentException(
                        samples + " samples need a temperature above 0, or all are the same");
            }
        }
    }

    /// How answers are scored.
    public sealed interface Scoring {}

    /// The number after `####`, and the last number, against the target's.
    public record Numbers() implements Scoring {}

    /// The generated Python runs against its tests in a sandbox.
    ///
    /// @param program how row and `{generation}` become the program before the tests
    /// @param tests   path of a list of assertions, or a template of them
    /// @param passAt  the k of pass@k, those that are no more than the samples
    public record Programs(String program, String tests, List<Integer> passAt) implements Scoring {}

    /// [Bleu] against the target.
    public record Translation() implements Scoring {}

    /// Whether the answer is the target, character by character.
    ///
    /// @param extract what counts of answer and target: the first group of its last match, all where it is nowhere
    public record ExactMatch(boolean ignoreCase, boolean ignorePunctuation, Optional<Pattern> extract)
            implements Scoring {}

    /// Solved problems that stand before each prompt.
    ///
    /// @param description begins the prompt
    /// @param count       how many problems
    /// @param source      where they come from; empty when they stand in the task file
    /// @param seed        which chooses them; empty for the first rows
    /// @param examples    those of the task file
    /// @param target      how a row becomes its solution
    /// @param separator   after each
    public record FewShot(
            String description,
            int count,
            Optional<DataSet> source,
            Optional<Long> seed,
            List<org.lewis.document.Node> examples,
            Optional<Template> target,
            String separator) {

        static FewShot none(String description) {
            return new FewShot(description, 0, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), "");
        }
    }

    /// A task that asks to predict a text, in windows that follow one another.
    ///
    /// @param template how a row becomes text; empty for a file that is one text
    /// @param window   tokens that the model sees at once
    public static Task prediction(String name, Path file, Optional<Template> template, int window) {
        return new Task(
                name,
                Path.of(""),
                DataSet.of(file),
                Optional.empty(),
                FewShot.none(""),
                new Prediction(template, Optional.empty(), window, window));
    }

    /// Reads a task file; the path of its data counts from the file's folder.
    ///
    /// @throws org.lewis.document.DocumentException when the task cannot be right
    public static Task read(Path file) throws IOException {
        return new TaskFile(file).read();
    }

    /// Whether scoring runs what the model wrote.
    public boolean runsCode() {
        return form instanceof Generation generation && generation.scoring() instanceof Programs;
    }

    /// The same task on other data. Solved problems come from there too, when they are a split of the task's own data:
    /// never from a single file, in which the problems are.
    public Task withData(String name) {
        FewShot moved = new FewShot(
                fewShot.description(),
                fewShot.count(),
                fewShot.source().map(source -> source.name().equals(data.name()) ? source.at(name) : source),
                fewShot.seed(),
                fewShot.examples(),
                fewShot.target(),
                fewShot.separator());
        return new Task(this.name, Path.of(""), data.replacedBy(name), shuffle, moved, form);
    }

    /// The same task with other answers; a task without answers stays as it is.
    public Task withDecoding(java.util.function.UnaryOperator<Decoding> change) {
        return form instanceof Generation(var prompt, var target, var decoding, var scoring, boolean perplexity)
                ? new Task(
                        name,
                        folder,
                        data,
                        shuffle,
                        fewShot,
                        new Generation(prompt, target, change.apply(decoding), scoring, perplexity))
                : this;
    }
}
