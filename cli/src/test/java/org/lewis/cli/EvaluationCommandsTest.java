package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Safetensors;
import org.lewis.dataset.Rows;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// `evaluate`, `score` and `logits`.
class EvaluationCommandsTest {

    private static final Path MODELS = Fixtures.EXAMPLES.resolve("models");
    private static final Path TASKS = Fixtures.EXAMPLES.resolve("tasks");

    @TempDir
    Path folder;

    private static String model(String name) {
        return MODELS.resolve(name).toString();
    }

    private static String task(String name) {
        return TASKS.resolve(name + ".yaml").toString();
    }

    @Test
    void modelsAreScoredOnTasks() throws IOException {
        Path results = folder.resolve("new/results");
        Cli.Result result = Cli.run(
                "evaluate",
                model("math"),
                model("code"),
                "--task",
                task("math"),
                "--task",
                task("code"),
                "--allow-code-execution",
                "--limit",
                "3",
                "--quiet",
                "--log-samples",
                "-o",
                results.toString());

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .hasLineCount(9)
                .containsPattern("^math +strict_match +flexible_match +target_perplexity\n")
                .containsPattern("\n\ncode +pass@1 +target_perplexity\n");
        assertThat(Fixtures.names(results))
                .containsExactly(
                        "code-code.jsonl",
                        "code-math.jsonl",
                        "math-code.jsonl",
                        "math-math.jsonl",
                        "results.json",
                        "throughput.json");
        Node document = Json.read(results.resolve("results.json"));
        Node passed = document.get(model("code")).get("code").get("pass@1");
        assertThat(passed.get("value").number()).isEqualTo(1);
        assertThat(passed.get("count").integer()).isEqualTo(3);
        assertThat(Rows.jsonLines(results.resolve("math-math.jsonl")))
                .hasSize(3)
                .allSatisfy(row -> assertThat(row.mapping().keySet())
                        .containsExactly(
                                "problem",
                                "sample",
                                "prompt",
                                "target",
                                "generation",
                                "strict",
                                "flexible",
                                "strict_match",
                                "flexible_match"));
    }

    @Test
    void aModelThatDoesNotFitIntoMemoryHasTheSameScores() throws IOException {
        String whole = results("whole", "1GB");
        String streamed = results("streamed", "1MB");
        assertThat(streamed).isEqualTo(whole).contains("strict_match", "acc_norm", "bits_per_byte");
        assertThat(Cli.run("evaluate", model("math"), "--task", "math", "--memory", "much")
                        .err())
                .contains("\"much\" is no size; write 512MB or 2GB");
    }

    private String results(String name, String memory) throws IOException {
        Path output = folder.resolve(name);
        List<String> arguments = new ArrayList<>(List.of("evaluate", model("math")));
        for (String task : List.of("math", "math_choices", "text")) {
            arguments.addAll(List.of("--task", task(task)));
        }
        arguments.addAll(List.of("--limit", "4", "--quiet", "--memory", memory, "-o", output.toString()));
        assertThat(Cli.run(arguments.toArray(String[]::new)).exitCode()).isEqualTo(Main.DONE);
        return Files.readString(output.resolve("results.json"));
    }

    @Test
    void logitsAreTheSameWhateverTheMemory() throws IOException {
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[5, 6, 7, 8], [9, 10, 11, 12]]");
        for (String memory : List.of("1GB", "0")) {
            Path out = folder.resolve(memory + ".safetensors");
            assertThat(Cli.run(
                                    "logits",
                                    model("math"),
                                    "--token-ids",
                                    ids.toString(),
                                    "--memory",
                                    memory,
                                    "-o",
                                    out.toString())
                            .exitCode())
                    .isEqualTo(Main.DONE);
        }
        assertThat(folder.resolve("0.safetensors")).hasSameBinaryContentAs(folder.resolve("1GB.safetensors"));
    }

    @Test
    void modelsOfOneNameKeepTheirAnswersApart() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Path link = Files.createSymbolicLink(other.resolve("link"), MODELS.resolve("math"));
        Cli.run(
                "evaluate",
                model("math"),
                link.toString(),
                "--task",
                task("math"),
                "--limit",
                "1",
                "--quiet",
                "--log-samples",
                "-o",
                folder.resolve("out").toString());

        Files.delete(link);
        assertThat(Fixtures.names(folder.resolve("out")))
                .containsExactly("math-2-math.jsonl", "math-math.jsonl", "results.json", "throughput.json");
    }

    @Test
    void generatedCodeDoesNotRunUnasked() {
        assertThat(Cli.run("evaluate", "no such model", "--task", task("math"), "--task", task("code")))
                .isEqualTo(new Cli.Result(Main.REFUSED, "", """
                    error: the task code runs code that models generate, which has to be allowed: --allow-code-execution
                    see "lewis evaluate --help"
                    """));
        assertThat(Cli.run("score", "python", "--generations", "none", "-o", "none"))
                .isEqualTo(new Cli.Result(Main.REFUSED, "", """
                    error: python runs generated code, which has to be allowed: --allow-code-execution
                    see "lewis score --help"
                    """));
    }

    @Test
    void whatEvaluateKeepsIsScoredAgainToTheSame() throws IOException {
        Path results = folder.resolve("results");
        List<String> tasks = List.of("math", "code", "math_choices", "math_exact", "text");
        List<String> arguments = new ArrayList<>(List.of("evaluate", model("math"), "--allow-code-execution"));
        tasks.forEach(task -> arguments.addAll(List.of("--task", task(task))));
        arguments.addAll(List.of("--limit", "4", "--log-samples", "--quiet", "-o", results.toString()));
        assertThat(Cli.run(arguments.toArray(String[]::new)).exitCode()).isEqualTo(Main.DONE);

        for (String task : tasks) {
            Path kept = results.resolve("math-" + task + ".jsonl");
            Path again = folder.resolve(task + ".jsonl");
            Cli.Result result = Cli.run(
                    "score",
                    task(task),
                    "--allow-code-execution",
                    "--generations",
                    kept.toString(),
                    "-o",
                    again.toString());
            assertThat(result.exitCode()).as(result.err()).isEqualTo(Main.DONE);
            assertThat(again).as(task).hasSameTextualContentAs(kept);
        }
    }

    @Test
    void aModelThatFallsShortFails() throws IOException {
        Cli.Result below = Cli.run(
                "evaluate",
                model("code"),
                "--task",
                task("math"),
                "--limit",
                "4",
                "--quiet",
                "--fail-below",
                "math.strict=0.99",
                "--fail-below",
                "math.target_perplexity=1.01");
        assertThat(below.exitCode()).isEqualTo(Main.FAILED);
        assertThat(below.out()).hasLineCount(3);
        assertThat(below.err())
                .startsWith("error: " + model("code") + ": math strict_match is 0.")
                .contains(", below the 0.9900 that --fail-below asks for\n" + model("code")
                        + ": math target_perplexity is 1.")
                .endsWith(", above the 1.0100 that --fail-below asks for\n");

        String[] against = {"--task", task("math_choices"), "--limit", "30", "--quiet", "--no-worse-than"};
        assertThat(evaluate(against, model("math"), model("code")).err())
                .contains(model("code") + ": math_choices acc is 0.", " of " + model("math") + "\n");
        assertThat(evaluate(against, model("code"), model("math")).exitCode()).isEqualTo(Main.DONE);
        assertThat(evaluate(against, model("math"), model("code"), "--by", "1").exitCode())
                .isEqualTo(Main.DONE);
    }

    private static Cli.Result evaluate(String[] against, String parent, String model, String... more) {
        List<String> arguments = new ArrayList<>(List.of("evaluate", model));
        arguments.addAll(List.of(against));
        arguments.add(parent);
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    @Test
    void evaluationsThatCannotWorkAreRefused() throws IOException {
        Cli.Result nowhere = Cli.run("evaluate", "none", "--task", task("math"));
        assertThat(nowhere.exitCode()).isEqualTo(Main.FAILED);
        assertThat(nowhere.err())
                .matches("error: none: no such model folder, neither in the working directory, nor in the hub's cache"
                        + " .*, to which it has to be downloaded first\n");
        assertThat(Cli.run("evaluate", model("math"), "--task", "maths"))
                .isEqualTo(new Cli.Result(Main.REFUSED, "", """
                    error: unknown task "maths"; did you mean "math"?
                    see "lewis evaluate --help"
                    """));
        assertThat(Cli.run("evaluate", "none", "--task", "math").err())
                .startsWith("error: none: no such model folder, ");
        assertThat(Cli.run("evaluate", model("math"), "--task", "none.yaml"))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: none.yaml: no such file or folder\n"));
        assertThat(Cli.run("evaluate", model("math"), "--task", task("math"), "--limit", "0")
                        .err())
                .startsWith("error: --limit must be at least 1, found 0\n");
        assertThat(Cli.run("evaluate", "none", "--task", task("math"), "--fail-below", "code.pass=1")
                        .err())
                .startsWith("error: --fail-below: no task is called code, only math\n");
        assertThat(Cli.run("evaluate", "none", "--task", task("math"), "--fail-below", "math=1")
                        .err())
                .startsWith(
                        "error: --fail-below: expected TASK.METRIC=VALUE, such as gsm8k.strict=0.4, found math=1\n");
        assertThat(Cli.run("evaluate", "none", "--task", task("math"), "--samples", "3")
                        .err())
                .startsWith("error: the task math: 3 samples need a temperature above 0, or all are the same\n");
        Path copy = Files.copy(TASKS.resolve("math.yaml"), folder.resolve("math.yaml"));
        assertThat(Cli.run("evaluate", model("math"), "--task", task("math"), "--task", copy.toString())
                        .err())
                .startsWith("error: two tasks are called math; rename one of the files\n");
        assertThat(Cli.run("evaluate", model("math"), "--task", task("math"), "-o", copy.toString()))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: " + copy + ": exists already\n"));
    }

    @Test
    void savedGenerationsAreScoredAsTheReferenceScoresThem() throws IOException {
        List<Node> golden =
                Json.read(Fixtures.GOLDENS.resolve("gsm8k_extraction.json")).sequence();
        Path rows = Files.writeString(
                folder.resolve("rows.jsonl"),
                golden.stream()
                        .map(row -> {
                            Map<String, Object> members = new LinkedHashMap<>();
                            members.put("generation", row.get("generation").text());
                            members.put("target", row.get("target").text());
                            members.put("id", 7);
                            return Json.compact(members) + "\n";
                        })
                        .collect(Collectors.joining()));
        Path scored = folder.resolve("new/scored.jsonl");

        assertThat(Cli.run("score", "gsm8k", "--quiet", "--generations", rows.toString(), "-o", scored.toString()))
                .isEqualTo(new Cli.Result(Main.DONE, scored + "\n", ""));
        List<Node> found = Rows.jsonLines(scored);
        assertThat(found).hasSameSizeAs(golden);
        for (int i = 0; i < golden.size(); i++) {
            for (String key : List.of("generation", "target", "strict", "flexible", "strict_match", "flexible_match")) {
                assertThat(found.get(i).get(key).plain())
                        .as(i + " " + key)
                        .isEqualTo(golden.get(i).get(key).plain());
            }
            assertThat(found.get(i).get("id").integer()).isEqualTo(7);
        }
    }

    @Test
    void savedProgramsRunAgainstTheirTests() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), """
            {"generation": "def f(x):\\n    return x", "test_list": ["assert f(1) == 1"]}
            {"generation": "def f(x):\\n    return 2", "test_list": ["assert f(2) == 2", "assert f(1) == 1"]}
            """);
        Path scored = folder.resolve("scored.jsonl");
        Cli.Result result = Cli.run(
                "score", "python", "--generations", rows.toString(), "-o", scored.toString(), "--allow-code-execution");

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(Rows.jsonLines(scored).stream().map(row -> row.get("passed").integer()))
                .containsExactly(1L, 0L);
    }

    @Test
    void rowsThatCannotBeScoredAreRefused() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), "{\"generation\": \"1\"}\n");
        assertThat(Cli.run("score", "gsm8k", "--generations", rows.toString(), "-o", folder + "/out.jsonl"))
                .isEqualTo(new Cli.Result(Main.REFUSED, "", "error: " + rows + ":1:1: \"target\" is missing\n"));
        assertThat(Cli.run("score", "gsm9k", "--generations", rows.toString(), "-o", "x")
                        .err())
                .startsWith("error: unknown task \"gsm9k\"; did you mean \"gsm8k\"?\n");
        assertThat(folder.resolve("out.jsonl")).doesNotExist();
    }

    @Test
    void logitsEqualTheReference() throws IOException {
        Path golden = Fixtures.GOLDENS.resolve("forward/llama");
        try (Safetensors expected = Safetensors.open(golden.resolve("expected.safetensors"))) {
            long[] ids = expected.tensors()
                    .get("input_ids")
                    .bytes()
                    .toArray(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED);
            int length =
                    Math.toIntExact(expected.tensors().get("input_ids").shape().columns());
            Path file = Files.writeString(
                    folder.resolve("ids.json"),
                    Json.compact(IntStream.range(0, ids.length / length)
                            .mapToObj(row -> (Object) Arrays.stream(ids, row * length, (row + 1) * length)
                                    .boxed()
                                    .toList())
                            .toList()));
            Path out = folder.resolve("new/logits.safetensors");

            assertThat(Cli.run("logits", golden.toString(), "--token-ids", file.toString(), "-o", out.toString()))
                    .isEqualTo(new Cli.Result(Main.DONE, out + "\n", ""));
            try (Safetensors found = Safetensors.open(out)) {
                assertThat(found.tensors().keySet()).containsExactly("logits");
                assertThat(found.tensors().get("logits").shape())
                        .isEqualTo(expected.tensors().get("logits").shape());
                assertThat(found.tensors().get("logits").floats())
                        .usingComparatorWithPrecision(1e-4f)
                        .containsExactly(expected.tensors().get("logits").floats());
            }
        }
    }

    @Test
    void idsThatTheModelCannotTakeAreRefused() throws IOException {
        Path golden = Fixtures.GOLDENS.resolve("forward/llama");
        Path ids = Files.writeString(folder.resolve("ids.json"), "[[1, 2], [3]]");
        String out = folder.resolve("logits.safetensors").toString();

        assertThat(Cli.run("logits", golden.toString(), "--token-ids", ids.toString(), "-o", out))
                .isEqualTo(new Cli.Result(
                        Main.FAILED,
                        "",
                        "error: sequence 1 has 1 tokens where the first has 2; a batch needs equal lengths\n"));
        Files.writeString(ids, "[[1, 60]]");
        assertThat(Cli.run("logits", golden.toString(), "--token-ids", ids.toString(), "-o", out)
                        .err())
                .isEqualTo("error: sequence 0, token 1: id 60 is outside the vocabulary of 60\n");
        assertThat(Path.of(out)).doesNotExist();
    }
}
