package org.lewis.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.dataset.Template;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.engine.Merge;
import org.lewis.evaluate.Evaluation;
import org.lewis.evaluate.EvaluationOptions;
import org.lewis.evaluate.Score;
import org.lewis.evaluate.Subject;
import org.lewis.evaluate.Task;
import org.lewis.forward.Precision;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.guidance.LewisRun;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;

/// Comparisons of the bundled models on a few rows.
class ComparisonTest {

    private static final Path EXAMPLES = Path.of("../examples").toAbsolutePath().normalize();
    private static final Template QUESTION = new Template("Question: {question}\nAnswer: {answer}");
    private static final int ROWS = 2;

    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();

    private static ModelReference model(String name) {
        return ModelReference.of(EXAMPLES.resolve("models").resolve(name).toString());
    }

    private ComparisonOptions options(String output, StandardMethod... methods) {
        FineTune math = FineTune.of("math", model("math"))
                .calibratedWith(EXAMPLES.resolve("data/math_train.jsonl"))
                .withTemplate(QUESTION.pattern());
        FineTune code = FineTune.of("code", model("code"))
                .calibratedWith(EXAMPLES.resolve("data/code_train.jsonl"))
                .withTemplate("{text} {code}");
        MethodSettings few = new MethodSettings(0.4, 0.3, 0.8, 1, 3, 64, 7, 128, 0.01, true);
        return new ComparisonOptions(
                model("base"),
                List.of(math, code),
                List.of(methods),
                List.of(),
                few,
                List.of(new TestText("sums", EXAMPLES.resolve("data/math_test.jsonl"), Optional.of(QUESTION))),
                List.of(),
                ROWS,
                Keep.NONE,
                Optional.empty(),
                folder.resolve(output),
                ComparisonOptions.STANDARD_MEMORY,
                true);
    }

    private static ComparisonOptions keeping(Keep keep, long memory, ComparisonOptions options) {
        return new ComparisonOptions(
                options.base(),
                options.fineTunes(),
                options.methods(),
                options.recipes(),
                options.settings(),
                options.texts(),
                options.tasks(),
                options.limit(),
                keep,
                options.bestBy(),
                options.output(),
                memory,
                options.resume());
    }

    private Comparison.Result run(ComparisonOptions options) throws IOException {
        return Comparison.run(options, calibrating(), Optional.empty(), new Comparison.Listener() {
            @Override
            public void note(String note) {
                notes.add(note);
            }
        });
    }

    private LewisRun calibrating() {
        return LewisRun.with(new PackCache(folder.resolve("packs")), Optional.of(Precision.FLOAT32));
    }

    private static List<List<ScoredRow.Scores>> scores(Comparison.Result result) {
        return result.rows().stream().map(ScoredRow::scores).toList();
    }

    @Test
    void mergesScoreTheSameInMemoryInATemporaryFolderAndKept() throws IOException {
        StandardMethod[] methods = {StandardMethod.DARE, StandardMethod.LEWIS_TIES};
        Comparison.Result inMemory = run(options("memory", methods));
        assertThat(inMemory.isWhole()).isTrue();
        assertThat(inMemory.kept()).isEmpty();
        assertThat(folder.resolve("memory/models")).doesNotExist();
        assertThat(notes).isEmpty();

        Comparison.Result spilled = run(keeping(Keep.NONE, 1 << 20, options("spilled", methods)));
        assertThat(notes).hasSize(2).allMatch(note -> note.contains(" bytes, more than the 1,048,576 of "));
        try (Stream<Path> files = Files.list(folder.resolve("spilled"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("comparison_results.json", "recipes");
        }
        Comparison.Result kept = run(keeping(Keep.ALL, 0, options("kept", methods)));
        assertThat(kept.kept()).containsOnlyKeys("dare", "lewis-ties");
        assertThat(folder.resolve("kept/models/dare/lewis-manifest.json")).exists();
        assertThat(scores(spilled)).isEqualTo(scores(inMemory));
        assertThat(scores(kept)).isEqualTo(scores(inMemory));
    }

    @Test
    void aRowSaysWhatMergingAndEvaluatingByHandSays() throws IOException {
        Comparison.Result result = run(options("out", StandardMethod.LEWIS_TIES));
        ScoredRow row = result.rows().getLast();

        Recipe recipe = Recipe.read(folder.resolve("out/recipes/lewis-ties.yaml"));
        Path merged = folder.resolve("merged");
        Merge.run(
                GuidedRecipe.of(recipe, calibrating(), 7).recipe(),
                merged,
                7,
                org.lewis.engine.Options.standard(),
                org.lewis.engine.Progress.NONE);
        Task task = Task.prediction("sums", EXAMPLES.resolve("data/math_test.jsonl"), Optional.of(QUESTION), 64);
        try (Subject subject = Subject.open(merged, Precision.FLOAT32)) {
            Score expected = Evaluation.prepare(List.of(task), EvaluationOptions.STANDARD.withLimit(ROWS))
                    .run(subject, Optional.empty(), Evaluation.Listener.NONE)
                    .getFirst()
                    .score("perplexity")
                    .orElseThrow();
            assertThat(row.first("sums")).contains(expected);
            assertThat(row.scores().getFirst().scores().getLast().value()).isEqualTo(Math.log(expected.value()));
            assertThat(row.meanPerplexity()).isEqualTo(expected.value());
        }
        assertThat(row.kept()).isBetween(0.3, 0.8);
    }

    @Test
    void theSecondTimeNothingIsComputedThatDidNotChange() throws IOException {
        Comparison.Result first = run(options("out", StandardMethod.TIES, StandardMethod.LEWIS_TIES));
        Comparison.Result second =
                run(keeping(Keep.BEST, 1L << 30, options("out", StandardMethod.LEWIS_TIES, StandardMethod.DARE)));

        assertThat(first.rows()).noneMatch(ScoredRow::reused);
        assertThat(second.rows().stream().map(row -> row.name() + " " + row.reused()))
                .containsExactly("base true", "math true", "code true", "lewis-ties true", "dare false");
        assertThat(scores(second).getFirst()).isEqualTo(scores(first).getFirst());
        assertThat(second.rows().get(3).layers())
                .isEqualTo(first.rows().getLast().layers())
                .containsOnlyKeys("math", "code");
        String best = second.best().orElseThrow().name();
        assertThat(second.kept()).containsOnlyKeys(best);
        assertThat(folder.resolve("out/models").resolve(best).resolve("model.safetensors"))
                .exists();

        Node results = Json.read(folder.resolve("out/comparison_results.json"));
        assertThat(results.get("best").text()).isEqualTo(best);
        assertThat(results.get("rows").sequence()).hasSize(5);
        Node ofDare = results.get("rows").sequence().getLast();
        assertThat(ofDare.get("kept_share").number()).isCloseTo(0.4, within(1e-12));
        assertThat(ofDare.get("texts").get("sums").get("loss").get("value").number())
                .isEqualTo(Math.log(ofDare.get("mean_perplexity").number()));
    }

    @Test
    void aMergeThatFailsLeavesTheOthersAlone() throws IOException {
        Files.writeString(folder.resolve("empty.txt"), "\n");
        Path recipe = Files.writeString(folder.resolve("broken.yaml"), """
            merge_method: ties
            base_model: %1$s/models/base
            models: [{model: %1$s/models/math}]
            parameters: {weight: 1}
            guidance: {calibration: empty.txt}
            """.formatted(EXAMPLES));
        ComparisonOptions some = options("out");
        Comparison.Result result = run(new ComparisonOptions(
                some.base(),
                some.fineTunes(),
                List.of(StandardMethod.TIES),
                List.of(recipe),
                some.settings(),
                some.texts(),
                some.tasks(),
                some.limit(),
                Keep.NONE,
                some.bestBy(),
                some.output(),
                some.memory(),
                true));
        assertThat(result.isWhole()).isFalse();
        assertThat(result.best().orElseThrow().name()).isEqualTo("ties");
        assertThat(result.rows().getLast().failure().orElseThrow()).endsWith("empty.txt: holds no text");
        Node row = Json.read(folder.resolve("out/comparison_results.json"))
                .get("rows")
                .sequence()
                .getLast();
        assertThat(row.get("failure").text()).endsWith("empty.txt: holds no text");
    }

    @Test
    void whatCannotWorkIsRefusedBeforeAModelRuns() throws IOException {
        assertRefused(
                options -> new ComparisonOptions(
                        options.base(),
                        List.of(FineTune.of("math", model("math"))),
                        List.of(StandardMethod.LEWIS_TIES),
                        options.recipes(),
                        options.settings(),
                        options.texts(),
                        options.tasks(),
                        options.limit(),
                        options.keep(),
                        options.bestBy(),
                        options.output(),
                        options.memory(),
                        true),
                IllegalArgumentException.class,
                "lewis-ties calibrates each fine-tune with text of its task, and math has none");
        Files.createDirectories(folder.resolve("foreign/mine"));
        assertThatThrownBy(() -> run(options("foreign", StandardMethod.TIES)))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        folder.resolve("foreign") + ": is not empty, and not of a comparison; choose another folder");
        assertThatThrownBy(() -> Criterion.of(new ComparisonOptions(
                        model("base"),
                        List.of(FineTune.of("math", model("math"))),
                        List.of(),
                        List.of(),
                        MethodSettings.STANDARD,
                        options("x").texts(),
                        List.of(),
                        1,
                        Keep.NONE,
                        Optional.of("perplexiti"),
                        folder,
                        0,
                        true)))
                .hasMessage("there is no \"perplexiti\" to find the best model by; did you mean \"perplexity\"?");
    }

    @Test
    void textsAndTasksOfOneNameAreRefused() {
        TestText sums = options("x").texts().getFirst();
        assertThatThrownBy(() -> ComparisonOptions.standard(
                        model("base"), List.of(FineTune.of("math", model("math"))), List.of(sums, sums), folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two tests or tasks are called \"sums\", so their scores could not be told apart; give one"
                        + " another name: --test NAME=FILE");
    }

    private void assertRefused(
            UnaryOperator<ComparisonOptions> change, Class<? extends Exception> type, String message) {
        assertThatThrownBy(() -> run(change.apply(options("refused", StandardMethod.TIES))))
                .isInstanceOf(type)
                .hasMessage(message);
    }
}
