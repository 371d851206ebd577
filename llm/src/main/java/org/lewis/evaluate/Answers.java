package org.lewis.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lewis.document.Node;
import org.lewis.forward.Continuation;
import org.lewis.forward.Generated;
import org.lewis.forward.GenerationLimits;
import org.lewis.forward.Sampling;
import org.lewis.kernel.Draws;

/// Generates a model's answers to the questions of a task, batch after batch.
final class Answers {

    /// One answer that is to be generated.
    private record Wanted(int problem, int sample) {
        String id() {
            return problem + "." + sample;
        }
    }

    private final Subject subject;
    private final Task task;
    private final Task.Decoding decoding;
    private final EvaluationOptions options;
    private final List<int[]> prompts;
    private final SampleJournal journal;
    private final Map<Wanted, String> texts = new HashMap<>();
    private Throughput throughput = Throughput.NONE;

    /// @param prompts token ids, one for each problem
    Answers(
            Subject subject,
            Task task,
            Task.Decoding decoding,
            EvaluationOptions options,
            List<int[]> prompts,
            SampleJournal journal) {
        this.subject = subject;
        this.task = task;
        this.decoding = decoding;
        this.options = options;
        this.prompts = prompts;
        this.journal = journal;
    }

    /// Batches are the same whatever an earlier run has finished, so that going on changes no answer.
    List<Answer> generate(List<Problem.Question> questions, Evaluation.Listener listener) throws IOException {
        List<Wanted> wanted = IntStream.range(0, prompts.size())
                .boxed()
                // Prompts of like length waste the least padding on each other.
                .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
                .flatMap(i -> IntStream.range(0, decoding.samples()).mapToObj(sample -> new Wanted(i, sample)))
                .toList();
        List<List<Wanted>> open =
                batches(wanted).stream().filter(batch -> !isFinished(batch)).toList();
        int[] done = {wanted.size() - open.stream().mapToInt(List::size).sum()};
        listener.done(task.name(), done[0], wanted.size());
        subject.model().generate(open.stream().map(this::continuation).toList(), (at, generated) -> {
            take(open.get(at), generated);
            done[0] += open.get(at).size();
            listener.done(task.name(), done[0], wanted.size());
        });
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            Problem.Question question = questions.get(i);
            for (int sample = 0; sample < decoding.samples(); sample++) {
                answers.add(new Answer(
                        i,
                        sample,
                        question.prompt(),
                        question.target(),
                        question.before(),
                        question.after(),
                        texts.get(new Wanted(i, sample))));
            }
        }
        return answers;
    }

    Throughput throughput() {
        return throughput;
    }

    private boolean isFinished(List<Wanted> batch) {
        for (Wanted wanted : batch) {
            Node line = journal.find(wanted.id()).orElse(null);
            if (line == null) {
                return false;
            }
            texts.put(wanted, line.get("generation").text());
        }
        return true;
    }

    /// As many together as are asked for, or as memory has room for the keys and values of.
    private List<List<Wanted>> batches(List<Wanted> rising) {
        List<List<Wanted>> batches = new ArrayList<>();
        long atOnce = subject.model().tokensAtOnce();
        for (Wanted wanted : rising) {
            int tokens = prompts.get(wanted.problem()).length + decoding.maxNewTokens();
            if (batches.isEmpty()
                    || batches.getLast().size() == options.batch()
                    || (batches.getLast().size() + 1L) * tokens > atOnce) {
                batches.add(new ArrayList<>());
            }
            batches.getLast().add(wanted);
        }
        return batches;
    }

    private Continuation continuation(List<Wanted> batch) {
        return new Continuation(
                batch.stream().map(wanted -> prompts.get(wanted.problem())).toList(),
                new GenerationLimits(decoding.maxNewTokens(), subject.endOfText()),
                sampling(batch),
                (_, tokens) -> StopStrings.end(subject.tokenizer(), tokens, decoding.stop()));
    }

    private void take(List<Wanted> batch, Generated generated) throws IOException {
        for (int i = 0; i < batch.size(); i++) {
            String whole = subject.tokenizer().decode(generated.texts().get(i));
            String text = StopStrings.cut(whole, decoding.stop());
            texts.put(batch.get(i), text);
            journal.add(batch.get(i).id(), Map.of("generation", text));
        }
        throughput = throughput.plus(new Throughput(
                batch.stream()
                        .mapToLong(wanted -> prompts.get(wanted.problem()).length)
                        .sum(),
                generated.promptNanos() / 1e9,
                generated.texts().stream().mapToLong(text -> text.length).sum(),
                generated.generationNanos() / 1e9));
    }

    /// A key of its own for each sample of each problem, so that no draw depends on what runs beside it.
    private Sampling sampling(List<Wanted> batch) {
        if (decoding.temperature() == 0) {
            return Sampling.GREEDY;
        }
        return new Sampling.Nucleus(
                decoding.temperature(),
                decoding.topP(),
                batch.stream()
                        .map(wanted -> Draws.key(options.seed(), task.name(), wanted.id()))
                        .toList());
    }
}
