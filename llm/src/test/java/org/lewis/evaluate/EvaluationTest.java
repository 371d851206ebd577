package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.HubCache;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.tokenizer.Tokenizer;

/// The bundled models on a few of the bundled problems.
class EvaluationTest {

    private static final Path EXAMPLES = Path.of("..", "examples");

    @TempDir
    Path folder;

    private static Path model(String name) {
        return EXAMPLES.resolve("models").resolve(name);
    }

    private static TaskResult run(String model, Task task, int limit, int batch) throws IOException {
        return run(
                model,
                task,
                EvaluationOptions.STANDARD.withLimit(limit).withBatch(batch),
                Optional.empty(),
                Optional.empty());
    }

    private static TaskResult run(
            String model, Task task, EvaluationOptions options, Optional<Journals> journals, Optional<Sandbox> sandbox)
            throws IOException {
        try (Subject subject = Subject.open(model(model), Precision.FLOAT32)) {
            return Evaluation.prepare(List.of(task), options)
                    .run(subject, journals, sandbox, Evaluation.Listener.NONE)
                    .getFirst();
        }
    }

    private static Task task(String name) throws IOException {
        return Task.read(EXAMPLES.resolve("tasks").resolve(name + ".yaml"));
    }

    private Task task(String name, String yaml) throws IOException {
        return Task.read(Files.writeString(folder.resolve(name), yaml));
    }

    @Test
    void answersDoNotDependOnTheBatch() throws IOException {
        TaskResult alone = run("math", task("math"), 8, 1);
        TaskResult together = run("math", task("math"), 8, 8);

        assertThat(together.samples()).isEqualTo(alone.samples());
        assertThat(together.score("strict_match")).isEqualTo(alone.score("strict_match"));
        assertThat(alone.samples()).hasSize(8);
        assertThat(alone.score("strict_match").orElseThrow().value()).isGreaterThan(0.5);
        assertThat(alone.score("strict_match").orElseThrow().count()).isEqualTo(8);
    }

    @Test
    void answersEndAtTheEndOfTextAndAtStopStrings() throws IOException {
        for (Map<String, Object> sample : run("math", task("math"), 4, 4).samples()) {
            assertThat((String) sample.get("generation")).contains("#### ").doesNotContain("Question:", "</s>");
            assertThat((String) sample.get("prompt")).startsWith("Question: ").endsWith("\nAnswer:");
        }
    }

    @Test
    void theFineTuneForATaskIsBetterAtIt() throws IOException {
        double math = run("math", task("math"), 8, 8)
                .score("target_perplexity")
                .orElseThrow()
                .value();
        double code = run("code", task("math"), 8, 8)
                .score("target_perplexity")
                .orElseThrow()
                .value();

        assertThat(math).isLessThan(code);
    }

    @Test
    void generatedProgramsRunAgainstTheirTests() throws IOException {
        try (PythonSandbox sandbox = PythonSandbox.open()) {
            TaskResult result = run(
                    "code",
                    task("code"),
                    EvaluationOptions.STANDARD.withLimit(4),
                    Optional.empty(),
                    Optional.of(sandbox));

            assertThat(result.score("pass@1").orElseThrow()).isEqualTo(new Score("pass@1", 1, 0, 4));
            assertThat(result.samples()).allMatch(sample -> sample.get("passed").equals(1));
        }
    }

    @Test
    void aChatTemplateThatWritesThePromptAloneChangesNothing() throws IOException {
        for (Path file : List.of(Path.of("config.json"), Path.of("tokenizer.json"), Path.of("model.safetensors"))) {
            Files.copy(model("math").resolve(file), folder.resolve(file));
        }
        Path template = folder.resolve("chat_template.jinja");
        Files.writeString(template, "<s>{{ messages[0]['content'] }}");
        TaskResult plain = run("math", task("math"), 3, 3);
        assertThat(chat(folder).samples()).isEqualTo(plain.samples());

        Files.writeString(template, "{{ messages[0]['content'] }} Liz has 1 - 1 =");
        assertThat(chat(folder).samples()).isNotEqualTo(plain.samples());
        Files.delete(template);
        assertThatThrownBy(() -> chat(folder))
                .hasMessage(folder + ": has no chat template; only instruct models have one");
    }

    private static TaskResult chat(Path model) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(model);
                Subject subject = Subject.open(checkpoint, Precision.FLOAT32, Resources.standard(), true)) {
            return Evaluation.prepare(List.of(task("math")), EvaluationOptions.STANDARD.withLimit(3))
                    .run(subject, Optional.empty(), Evaluation.Listener.NONE)
                    .getFirst();
        }
    }

    @Test
    void programsDoNotRunUnasked() throws IOException {
        assertThatThrownBy(() -> run("code", task("code"), 1, 1))
                .isInstanceOf(IOException.class)
                .hasMessage("the task runs code that the model generates, which has to be allowed");
    }

    @Test
    void choicesHaveTheLogLikelihoodsOfAPlainComputation() throws IOException {
        TaskResult result = run("math", task("math_choices"), 5, 1);

        try (Tokenizer tokenizer = Tokenizer.open(model("math"))) {
            for (Map<String, Object> sample : result.samples()) {
                String prompt = (String) sample.get("prompt");
                List<?> choices = (List<?>) sample.get("choices");
                int given = tokenizer.encode(prompt, true).length;
                for (int i = 0; i < choices.size(); i++) {
                    int[] ids = tokenizer.encode(prompt + choices.get(i), true);
                    double plain = plainNegativeLogs("math", ids).stream()
                            .skip(given - 1)
                            .mapToDouble(log -> -log)
                            .sum();
                    assertThat((double) ((List<?>) sample.get("log_likelihoods")).get(i))
                            .isCloseTo(plain, within(1e-4));
                }
            }
        }
        double math = run("math", task("math_choices"), 60, 1)
                .score("acc")
                .orElseThrow()
                .value();
        double code = run("code", task("math_choices"), 60, 1)
                .score("acc")
                .orElseThrow()
                .value();
        assertThat(math).isGreaterThan(0.7).isGreaterThan(code);
    }

    @Test
    void sampledAnswersDependOnSeedProblemAndSampleOnly() throws IOException {
        Task sampled = task("math").withDecoding(d -> new Task.Decoding(24, d.stop(), 3, 1.2, 0.95));
        EvaluationOptions options = EvaluationOptions.STANDARD.withLimit(4);
        TaskResult alone = run("math", sampled, options.withBatch(1), Optional.empty(), Optional.empty());
        TaskResult together = run("math", sampled, options, Optional.empty(), Optional.empty());
        TaskResult other = run("math", sampled, new EvaluationOptions(4, 1, 64), Optional.empty(), Optional.empty());

        assertThat(together.samples()).isEqualTo(alone.samples()).hasSize(12);
        assertThat(other.samples()).isNotEqualTo(alone.samples());
        assertThat(alone.samples().stream()
                        .limit(3)
                        .map(sample -> sample.get("generation"))
                        .distinct())
                .hasSizeGreaterThan(1);
    }

    @Test
    void aKilledRunGoesOnWithoutChangingAnAnswer() throws IOException {
        EvaluationOptions options = EvaluationOptions.STANDARD.withLimit(6).withBatch(2);
        Journals journals = new Journals(folder, "math", "hash");
        TaskResult whole = run("math", task("math"), options, Optional.of(journals), Optional.empty());
        List<String> lines = Files.readAllLines(journals.file("math"));
        // Killed while the third answer of six was written.
        String killed =
                String.join("\n", lines.subList(0, 3)) + "\n" + lines.get(3).substring(0, 9);
        Files.writeString(journals.file("math"), killed);

        TaskResult resumed = run("math", task("math"), options, Optional.of(journals), Optional.empty());
        assertThat(resumed.samples()).isEqualTo(whole.samples());
        assertThat(resumed.scores()).isEqualTo(whole.scores());
        assertThat(resumed.throughput().newTokens())
                .isPositive()
                .isLessThan(whole.throughput().newTokens());
        assertThat(Files.readAllLines(journals.file("math"))).hasSize(lines.size());

        TaskResult again = run("math", task("math"), options, Optional.of(journals), Optional.empty());
        assertThat(again.throughput()).isEqualTo(Throughput.NONE);
        TaskResult ofOther = run(
                "math",
                task("math"),
                options,
                Optional.of(new Journals(folder, "math", "other hash")),
                Optional.empty());
        assertThat(ofOther.throughput().newTokens())
                .isEqualTo(whole.throughput().newTokens());
    }

    @Test
    void windowsThatOverlapPredictEveryTokenOnce() throws IOException {
        String text = Files.readString(EXAMPLES.resolve("data/math_test.jsonl")).substring(0, 1200);
        Files.writeString(folder.resolve("long.txt"), text);
        TaskResult result =
                run("math", task("t.yaml", "{data: long.txt, scorer: perplexity, window: 128, stride: 32}"), 1, 1);
        List<Double> negativeLogs = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(model("math"))) {
            int[] ids = tokenizer.encode(text, true);
            negativeLogs.addAll(plainNegativeLogs("math", Arrays.copyOf(ids, 128)));
            for (int from = 32; negativeLogs.size() < ids.length - 1; from += 32) {
                int to = Math.min(ids.length, from + 128);
                List<Double> seen = plainNegativeLogs("math", Arrays.copyOfRange(ids, from, to));
                negativeLogs.addAll(seen.subList(seen.size() - (to - 1 - negativeLogs.size()), seen.size()));
            }
            assertThat(negativeLogs).hasSize(ids.length - 1);
        }
        double sum = negativeLogs.stream().mapToDouble(Double::doubleValue).sum();

        Score byToken = result.score("perplexity").orElseThrow();
        assertThat(byToken.count()).isEqualTo(negativeLogs.size());
        assertThat(byToken.value()).isCloseTo(Math.exp(sum / negativeLogs.size()), within(1e-4 * byToken.value()));
        assertThat(Math.log(result.score("word_perplexity").orElseThrow().value()))
                .isCloseTo(sum / text.split("\\s+", -1).length, within(1e-4));
        assertThat(result.score("bits_per_byte").orElseThrow().value())
                .isCloseTo(sum / Math.log(2) / text.length(), within(1e-4));
    }

    @Test
    void perplexityIsThatOfAPlainComputation() throws IOException {
        Score score = run("math", task("text"), 5, 1).score("perplexity").orElseThrow();
        List<int[]> sequences = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(model("math"))) {
            for (Problem problem : Problems.read(task("text"), 5, HubCache.standard())) {
                sequences.add(tokenizer.encode(((Problem.Passage) problem).text(), true));
            }
        }

        assertThat(score.value()).isCloseTo(plainPerplexity("math", sequences), within(1e-4));
        assertThat(score.count())
                .isEqualTo(sequences.stream().mapToInt(ids -> ids.length - 1).sum());
    }

    @Test
    void longTextsAreCutIntoWindowsThatLoseTheirFirstToken() throws IOException {
        String text = Files.readString(EXAMPLES.resolve("data/math_test.jsonl")).substring(0, 3000);
        Files.writeString(folder.resolve("long.txt"), text);
        Score score = run("math", task("t.yaml", "{data: long.txt, scorer: perplexity}"), 1, 1)
                .score("perplexity")
                .orElseThrow();
        List<int[]> windows = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(model("math"))) {
            int[] ids = tokenizer.encode(text, true);
            for (int from = 0; from < ids.length; from += 512) {
                windows.add(Arrays.copyOfRange(ids, from, Math.min(ids.length, from + 512)));
            }
        }

        assertThat(windows).hasSizeGreaterThan(1);
        assertThat(score.value()).isCloseTo(plainPerplexity("math", windows), within(1e-4 * score.value()));
        assertThat(score.count())
                .isEqualTo(windows.stream().mapToInt(ids -> ids.length - 1).sum());
    }

    @Test
    void aModelReadsNoMoreThanItWasMadeFor() throws IOException {
        String text = Files.readString(EXAMPLES.resolve("data/math_test.jsonl")).substring(0, 3000);
        Files.writeString(folder.resolve("long.txt"), text);
        String wide = "{data: long.txt, scorer: perplexity, window: 2048, stride: 256}";
        TaskResult asked = run("math", task("wide.yaml", wide), 1, 1);
        TaskResult made = run("math", task("t.yaml", wide.replace("2048", "512")), 1, 1);
        assertThat(asked.scores()).isEqualTo(made.scores());
        assertThat(made.note()).isEmpty();
        assertThat(asked.note())
                .contains("wide is read in windows of 512 tokens, as many as the model was made for, instead of 2048");

        Task prompts = task(
                "p.yaml",
                "{data: long.txt, prompt: \"{text}\", target: \"{text}\", max_new_tokens: 500, scorer: exact_match}");
        TaskResult cut = run("math", prompts, 1, 1);
        assertThat(cut.note()).contains("1 prompts of p are longer than the model can read and lost their beginning");
    }

    @Test
    void dataWithoutATokenToPredictAreRefused() throws IOException {
        Files.writeString(folder.resolve("empty.txt"), "");
        Task task = task("t.yaml", "{data: empty.txt, scorer: perplexity}");
        assertThatThrownBy(() -> run("math", task, 1, 1))
                .isInstanceOf(IOException.class)
                .hasMessage("empty.txt: holds no token to predict");
    }

    private static double plainPerplexity(String model, List<int[]> sequences) throws IOException {
        List<Double> all = new ArrayList<>();
        for (int[] ids : sequences) {
            all.addAll(plainNegativeLogs(model, ids));
        }
        return Math.exp(all.stream().mapToDouble(Double::doubleValue).average().orElseThrow());
    }

    /// Of each token after the first, from the logits, in double.
    private static List<Double> plainNegativeLogs(String model, int[] ids) throws IOException {
        List<Double> negativeLogs = new ArrayList<>();
        try (LanguageModel language = LanguageModel.open(model(model), Precision.FLOAT32);
                Arena arena = Arena.ofConfined()) {
            int vocabulary = language.decoder().vocabulary();
            float[] logits = language.logits(List.of(ids), arena).floats();
            for (int i = 0; i + 1 < ids.length; i++) {
                double sum = 0;
                for (int j = 0; j < vocabulary; j++) {
                    sum += Math.exp(logits[i * vocabulary + j]);
                }
                negativeLogs.add(Math.log(sum) - logits[i * vocabulary + ids[i + 1]]);
            }
        }
        return negativeLogs;
    }
}
