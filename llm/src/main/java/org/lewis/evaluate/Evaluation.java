package org.lewis.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.forward.GenerationLimits;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.tokenizer.Tokenizer;

/// Runs one model on tasks: prompts in, answers out, scores.
public final class Evaluation implements AutoCloseable {

    /// Prompts that are continued together. Answers do not depend on it.
    private static final int BATCH = 64;

    /// Longer texts are cut into pieces for perplexity, each predicted on its own.
    private static final int WINDOW = 512;

    /// Hears how far it is.
    @FunctionalInterface
    public interface Listener {

        Listener NONE = (_, _, _) -> {};

        void done(String task, int samples, int ofSamples);
    }

    private final LanguageModel model;
    private final Tokenizer tokenizer;
    private final Set<Integer> endOfText;
    private final int batch;
    private final Listener listener;

    private Evaluation(LanguageModel model, Tokenizer tokenizer, Set<Integer> endOfText, int batch, Listener listener) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.endOfText = endOfText;
        this.batch = batch;
        this.listener = listener;
    }

    public static Evaluation open(Path folder, Precision precision, Listener listener) throws IOException {
        return open(folder, precision, BATCH, listener);
    }

    /// Runs a model whose files are open already.
    ///
    /// @param model stays the caller's, who closes it after this
    public static Evaluation open(ReadableModel model, Precision precision, Listener listener) throws IOException {
        return of(LanguageModel.open(model, precision), model.folder(), BATCH, listener);
    }

    static Evaluation open(Path folder, Precision precision, int batch, Listener listener) throws IOException {
        return of(LanguageModel.open(folder, precision), folder, batch, listener);
    }

    private static Evaluation of(LanguageModel model, Path folder, int batch, Listener listener) throws IOException {
        try {
            return new Evaluation(model, Tokenizer.open(folder), endOfText(folder), batch, listener);
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    /// @param limit   at most so many rows, from the first on
    /// @param sandbox where generated code runs; a task that needs one is refused without
    /// @throws IOException when the data are missing or hold nothing to score
    /// @throws org.lewis.document.DocumentException when a row lacks what the task wants of it
    public TaskResult run(Task task, int limit, Optional<PythonSandbox> sandbox) throws IOException {
        return switch (task.scorer()) {
            case PERPLEXITY -> perplexity(task, limit);
            case GSM8K -> numbers(task, Problems.read(task, limit));
            case PYTHON ->
                programs(
                        task,
                        Problems.read(task, limit),
                        sandbox.orElseThrow(() -> new IOException("the task " + task.name()
                                + " runs code that the model generates, which has to be allowed")));
        };
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }

    private List<String> generate(Task task, List<String> prompts) {
        List<int[]> ids =
                prompts.stream().map(prompt -> tokenizer.encode(prompt, true)).toList();
        // Prompts of like length waste the least padding on each other.
        List<Integer> order = IntStream.range(0, ids.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> ids.get(i).length))
                .toList();
        String[] answers = new String[ids.size()];
        GenerationLimits limits = new GenerationLimits(task.maxNewTokens(), endOfText);
        for (int from = 0; from < order.size(); from += batch) {
            List<Integer> together = order.subList(from, Math.min(order.size(), from + batch));
            List<int[]> generated =
                    model.generate(together.stream().map(ids::get).toList(), limits);
            for (int i = 0; i < together.size(); i++) {
                answers[together.get(i)] = StopStrings.cut(tokenizer.decode(generated.get(i)), task.stop());
            }
            listener.done(task.name(), from + together.size(), order.size());
        }
        return List.of(answers);
    }

    private TaskResult numbers(Task task, Problems problems) throws IOException {
        List<String> answers = generate(task, problems.prompts());
        List<TaskResult.Sample> samples = new ArrayList<>();
        double[] strict = new double[answers.size()];
        double[] flexible = new double[answers.size()];
        for (int i = 0; i < strict.length; i++) {
            Gsm8k.Grade grade = Gsm8k.grade(answers.get(i), problems.targets().get(i));
            strict[i] = grade.strictMatch() ? 1 : 0;
            flexible[i] = grade.flexibleMatch() ? 1 : 0;
            samples.add(new TaskResult.Sample(
                    problems.prompts().get(i), answers.get(i), grade.strict(), grade.strictMatch()));
        }
        return result(
                task,
                problems,
                List.of(Score.mean("strict_match", strict), Score.mean("flexible_match", flexible)),
                samples);
    }

    private TaskResult programs(Task task, Problems problems, PythonSandbox sandbox) throws IOException {
        List<String> answers = generate(task, problems.prompts());
        List<TaskResult.Sample> samples = new ArrayList<>();
        double[] passed = new double[answers.size()];
        for (int i = 0; i < passed.length; i++) {
            Outcome outcome =
                    sandbox.run(answers.get(i) + "\n" + problems.tests().get(i));
            passed[i] = outcome.passed() ? 1 : 0;
            samples.add(new TaskResult.Sample(
                    problems.prompts().get(i), answers.get(i), outcome.detail(), outcome.passed()));
        }
        return result(task, problems, List.of(Score.mean("pass@1", passed)), samples);
    }

    /// Adds how well the model predicts the reference answers after their prompts.
    private TaskResult result(Task task, Problems problems, List<Score> scores, List<TaskResult.Sample> samples)
            throws IOException {
        List<Score> all = new ArrayList<>(scores);
        if (!problems.targets().isEmpty()) {
            Perplexity perplexity = new Perplexity();
            for (int i = 0; i < problems.prompts().size(); i++) {
                String prompt = problems.prompts().get(i);
                int[] ids = tokenizer.encode(prompt + problems.targets().get(i), true);
                perplexity.add(model, ids, tokenizer.encode(prompt, true).length);
            }
            all.add(perplexity.score(task.data(), "target_perplexity"));
        }
        return new TaskResult(task.name(), List.copyOf(all), List.copyOf(samples));
    }

    private TaskResult perplexity(Task task, int limit) throws IOException {
        List<String> texts = task.hasRows()
                ? Problems.read(task, limit).prompts()
                : List.of(Json.utf8(task.data().toString(), Files.readAllBytes(task.data())));
        Perplexity perplexity = new Perplexity();
        int window = Math.min(WINDOW, model.decoder().longestSequence());
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = tokenizer.encode(texts.get(i), true);
            for (int from = 0; from < ids.length; from += window) {
                perplexity.add(model, Arrays.copyOfRange(ids, from, Math.min(ids.length, from + window)), 1);
            }
            listener.done(task.name(), i + 1, texts.size());
        }
        return new TaskResult(task.name(), List.of(perplexity.score(task.data(), "perplexity")), List.of());
    }

    /// The ids that end a text: `eos_token_id` of the generation config, else of the config.
    private static Set<Integer> endOfText(Path folder) throws IOException {
        for (String name : List.of("generation_config.json", "config.json")) {
            Path file = folder.resolve(name);
            Optional<Node> eos = Files.exists(file) ? Json.read(file).find("eos_token_id") : Optional.empty();
            if (eos.isPresent()) {
                List<Node> ids = eos.get().isSequence() ? eos.get().sequence() : List.of(eos.get());
                Set<Integer> set = new HashSet<>();
                ids.forEach(id -> set.add(id.integer(0, Integer.MAX_VALUE)));
                return set;
            }
        }
        return Set.of();
    }
}
