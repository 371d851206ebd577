package org.lewis.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.lewis.checkpoint.HubCache;

/// Tasks with their data, ready to be put to one model after the other. Prompts are made once for all models, and token
/// ids once for all models of one tokenizer.
public final class Evaluation {

    /// Hears how far it is.
    @FunctionalInterface
    public interface Listener {

        Listener NONE = (_, _, _) -> {};

        void done(String task, int samples, int ofSamples);
    }

    private final Map<Task, List<Problem>> problems;
    private final EvaluationOptions options;
    private final Map<String, Reading> readings = new HashMap<>();

    private Evaluation(Map<Task, List<Problem>> problems, EvaluationOptions options) {
        this.problems = problems;
        this.options = options;
    }

    /// Reads the data of all tasks, and finds what is wrong with them before any model runs.
    ///
    /// @throws IOException when the data are missing or hold nothing to score
    /// @throws org.lewis.document.DocumentException when a row lacks what the task wants of it
    public static Evaluation prepare(List<Task> tasks, EvaluationOptions options) throws IOException {
        return prepare(tasks, options, HubCache.standard());
    }

    static Evaluation prepare(List<Task> tasks, EvaluationOptions options, HubCache hub) throws IOException {
        Map<Task, List<Problem>> problems = new LinkedHashMap<>();
        for (Task task : tasks) {
            problems.put(task, Problems.read(task, options.limit(), hub));
        }
        return new Evaluation(problems, options);
    }

    /// Runs all tasks on a model.
    ///
    /// @param journals where finished samples are kept for a run after this one is killed
    /// @param sandbox  where generated code runs; a task that needs one is refused without
    /// @return in the order of the tasks
    public List<TaskResult> run(
            Subject subject, Optional<Journals> journals, Optional<Sandbox> sandbox, Listener listener)
            throws IOException {
        List<TaskResult> results = new ArrayList<>();
        for (Map.Entry<Task, List<Problem>> entry : problems.entrySet()) {
            Task task = entry.getKey();
            results.add(
                    switch (task.form()) {
                        case Task.Generation form -> {
                            // Refused here, not after hours of generating.
                            Scorer scorer = Scorer.of(form.scoring(), sandbox);
                            yield generate(subject, task, form, scorer, journals, listener);
                        }
                        case Task.MultipleChoice _ -> decide(subject, task, journals, listener);
                        case Task.Prediction form -> predict(subject, task, form, journals, listener);
                    });
        }
        return results;
    }

    /// The same without journals.
    public List<TaskResult> run(Subject subject, Optional<Sandbox> sandbox, Listener listener) throws IOException {
        return run(subject, Optional.empty(), sandbox, listener);
    }

    private TaskResult generate(
            Subject subject,
            Task task,
            Task.Generation form,
            Scorer scorer,
            Optional<Journals> journals,
            Listener listener)
            throws IOException {
        List<Problem.Question> questions = of(task, Problem.Question.class);
        Task.Decoding decoding = form.decoding();
        Reading reading =
                reading(subject, task, "prompts", () -> Reading.prompts(questions, subject, decoding.maxNewTokens()));
        List<Answer> answers;
        Throughput throughput;
        try (SampleJournal journal =
                open(journals, task, reading, decoding + " " + options.seed() + " " + options.batch())) {
            Answers generation = new Answers(subject, task, decoding, options, reading.sequences(), journal);
            answers = generation.generate(questions, listener);
            throughput = generation.throughput();
        }
        Scorer.Verdict verdict = scorer.judge(answers);
        List<Score> scores = new ArrayList<>(verdict.scores());
        if (form.targetPerplexity()) {
            scores.add(targetPerplexity(subject, task, questions));
        }
        List<Map<String, Object>> samples = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            Map<String, Object> sample = new LinkedHashMap<>(answers.get(i).members());
            sample.putAll(verdict.details().get(i));
            samples.add(sample);
        }
        return new TaskResult(task.name(), List.copyOf(scores), samples, lost(task, reading), throughput);
    }

    /// How well the model predicts the reference answers after their prompts.
    private Score targetPerplexity(Subject subject, Task task, List<Problem.Question> questions) throws IOException {
        Reading reading = reading(subject, task, "targets", () -> Reading.targets(questions, subject));
        LogSums sums = sums(subject, task, reading, SampleJournal.none(), Listener.NONE);
        long[] tokens = IntStream.range(0, reading.sequences().size())
                .mapToLong(reading::predicted)
                .toArray();
        Surprise surprise = Surprise.of(sums.logs(), tokens, task.data().name());
        return surprise.perplexity("target_perplexity", surprise.tokens());
    }

    private TaskResult decide(Subject subject, Task task, Optional<Journals> journals, Listener listener)
            throws IOException {
        List<Problem.Decision> decisions = of(task, Problem.Decision.class);
        Reading reading = reading(subject, task, "choices", () -> Reading.choices(decisions, subject));
        try (SampleJournal journal = open(journals, task, reading, "choices " + options.batch())) {
            LogSums sums = sums(subject, task, reading, journal, listener);
            Decisions.Verdict verdict = Decisions.judge(decisions, sums.logs());
            return new TaskResult(
                    task.name(),
                    verdict.scores(),
                    Decisions.samples(decisions, sums.logs(), verdict),
                    lost(task, reading),
                    sums.throughput());
        }
    }

    private TaskResult predict(
            Subject subject, Task task, Task.Prediction form, Optional<Journals> journals, Listener listener)
            throws IOException {
        List<Problem.Passage> passages = of(task, Problem.Passage.class);
        Reading reading = reading(subject, task, "windows", () -> Reading.windows(passages, subject, form));
        try (SampleJournal journal = open(journals, task, reading, "windows " + options.batch())) {
            LogSums sums = sums(subject, task, reading, journal, listener);
            List<Passages.Predicted> predicted = Passages.predicted(passages, reading, sums.logs());
            return new TaskResult(
                    task.name(),
                    Passages.scores(predicted, task.data().name()),
                    predicted.stream().map(Passages.Predicted::members).toList(),
                    narrowed(subject, task, form),
                    sums.throughput());
        }
    }

    private static Optional<String> lost(Task task, Reading reading) {
        return reading.truncated() == 0
                ? Optional.empty()
                : Optional.of(reading.truncated() + " prompts of " + task.name()
                        + " are longer than the model can read and lost their beginning");
    }

    private static Optional<String> narrowed(Subject subject, Task task, Task.Prediction form) {
        int window = Reading.window(subject, form);
        return window == form.window()
                ? Optional.empty()
                : Optional.of(task.name() + " is read in windows of " + window
                        + " tokens, as many as the model was made for, instead of " + form.window());
    }

    private LogSums sums(Subject subject, Task task, Reading reading, SampleJournal journal, Listener listener)
            throws IOException {
        int count = reading.sequences().size();
        return LogSums.of(
                subject.model(), reading, options.batch(), journal, done -> listener.done(task.name(), done, count));
    }

    private static SampleJournal open(Optional<Journals> journals, Task task, Reading reading, String settings)
            throws IOException {
        return journals.isPresent()
                ? journals.get().open(task.name(), reading.sequences(), settings)
                : SampleJournal.none();
    }

    private Reading reading(Subject subject, Task task, String what, Supplier<Reading> making) {
        return readings.computeIfAbsent(String.join("\0", task.name(), what, subject.reading()), _ -> making.get());
    }

    private <P extends Problem> List<P> of(Task task, Class<P> kind) {
        return problems.get(task).stream().map(kind::cast).toList();
    }
}
