package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// `lewis compare` on the bundled models and a few rows.
class CompareCommandTest {

    private static final String BASE = model("base");
    private static final String MATH = model("math");

    @TempDir
    Path folder;

    private static String model(String name) {
        return Fixtures.EXAMPLES.resolve("models").resolve(name).toString();
    }

    private static String data(String name) {
        return Fixtures.EXAMPLES.resolve("data").resolve(name).toString();
    }

    private Cli.Result compare(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "compare",
                "--limit",
                "1",
                "--samples",
                "2",
                "--seq-len",
                "64",
                "--cache",
                folder.resolve("cache").toString(),
                "-o",
                folder.resolve("out").toString()));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    @Test
    void parentsAndMergesStandInOneTable() throws IOException {
        String[] args = {
            BASE,
            MATH,
            model("code"),
            "--calibration",
            "math=" + data("math_train.jsonl"),
            "--calibration",
            "code=" + data("code_train.jsonl"),
            "--template",
            "code={text} {code}",
            "--test",
            "sums=" + data("math_test.jsonl"),
            "--test",
            "programs=" + data("code_test.jsonl"),
            "--test-template",
            "sums={question} {answer}",
            "--test-template",
            "programs={text} {code}",
            "--method",
            "ties,lewis-ties"
        };
        Cli.Result first = compare(args);
        assertThat(first.exitCode()).as(first.err()).isEqualTo(Main.DONE);
        assertThat(first.out())
                .containsPattern("(?m)^model +kept +sums ppl +programs ppl +mean ppl +merge s +evaluation s$")
                .containsPattern("(?m)^base +\\d+\\.\\d{3} ")
                .containsPattern("(?m)^math +\\d+\\.\\d{3} ")
                .containsPattern("(?m)^ties +0\\.200 +\\d")
                .containsPattern("(?m)^lewis-ties +0\\.[3-7]\\d\\d +\\d")
                .containsPattern("best by perplexity: (lewis-)?ties\n$");
        Node results = Json.read(folder.resolve("out/comparison_results.json"));
        String best = results.get("best").text();
        assertThat(folder.resolve("out/models").resolve(best).resolve("lewis-manifest.json"))
                .exists();
        assertThat(Fixtures.names(folder.resolve("out/models"))).containsExactly(best);
        String page = Files.readString(folder.resolve("out/report.html"));
        assertThat(page)
                .contains("Recipe of lewis-ties", "mean ppl", "Sign conflicts of ", "How large the changes are")
                .contains("Importance in math", "How far code moved", "Densities of code")
                .contains("each linear layer keeps in lewis-ties: more");
        Path drawnAgain = folder.resolve("again.html");
        assertThat(Cli.run("report", folder.resolve("out").toString(), "-o", drawnAgain.toString())
                        .exitCode())
                .isEqualTo(Main.DONE);
        assertThat(guidance(Files.readString(drawnAgain))).isEqualTo(guidance(page));

        Cli.Result second = compare(args);
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(folder.resolve("out/report.html")).hasContent(page);
        assertThat(second.err())
                .contains("base: the results of an earlier comparison are reused\n")
                .contains("lewis-ties: the results of an earlier comparison are reused\n");
    }

    /// The sections of a page that show what guided merges.
    private static String guidance(String page) {
        int begin = page.indexOf("<h2>Importance in math</h2>");
        int end = page.indexOf("</section>", page.indexOf("<h2>Densities over the depth</h2>"));
        assertThat(begin).isPositive().isLessThan(end);
        return page.substring(begin, end);
    }

    @Test
    void anAdapterInAFolderBelowStandsForTheBaseWithIt() throws IOException {
        Path adapter = Files.createDirectories(folder.resolve("tuned/run/final"));
        Files.writeString(adapter.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"lora_alpha\": 4}");
        String module = "base_model.model.model.layers.0.self_attn.q_proj.";
        try (Arena arena = Arena.ofConfined()) {
            Safetensors.write(
                    adapter.resolve("adapter_model.safetensors"),
                    List.of(
                            ones(module + "lora_A.weight", Shape.of(1, 192), arena),
                            ones(module + "lora_B.weight", Shape.of(192, 1), arena)),
                    Map.of());
        }
        Cli.Result result = compare(
                BASE,
                folder.resolve("tuned").toString(),
                "--test",
                "sums=" + data("math_test.jsonl"),
                "--test-template",
                "{question}",
                "--method",
                "task_arithmetic",
                "--keep",
                "none");
        assertThat(result.exitCode()).as(result.err()).isEqualTo(Main.DONE);
        List<Node> rows = Json.read(folder.resolve("out/comparison_results.json"))
                .get("rows")
                .sequence();
        assertThat(rows).extracting(row -> row.get("name").text()).containsExactly("base", "tuned", "task_arithmetic");
        // One fine-tune at weight 1 comes back.
        assertThat(perplexity(rows.get(2))).isEqualTo(perplexity(rows.get(1))).isNotEqualTo(perplexity(rows.get(0)));
        assertThat(folder.resolve("out/models")).doesNotExist();
    }

    private static double perplexity(Node row) {
        return row.get("mean_perplexity").number();
    }

    private static Tensor ones(String name, Shape shape, Arena arena) {
        var bytes = arena.allocate(Dtype.F32.bytes(shape.elements()), 4);
        for (long i = 0; i < shape.elements(); i++) {
            bytes.setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i, 0.25f);
        }
        return new Tensor(name, Dtype.F32, shape, bytes);
    }

    @Test
    void aMergeThatFailsIsToldAndTheOthersCount() throws IOException {
        Files.writeString(folder.resolve("empty.txt"), "\n");
        Path recipe = Files.writeString(folder.resolve("broken.yaml"), """
            merge_method: ties
            base_model: %s
            models: [{model: %s}]
            parameters: {weight: 1}
            guidance: {calibration: empty.txt}
            """.formatted(BASE, MATH));
        Cli.Result result = compare(
                BASE,
                MATH,
                "--test",
                data("math_test.jsonl"),
                "--test-template",
                "{question}",
                "--method",
                "ties",
                "--recipe",
                recipe.toString());
        assertThat(result.exitCode()).isEqualTo(Main.FAILED);
        assertThat(result.out())
                .containsPattern("(?m)^ties +0\\.200 +\\d")
                .containsPattern("(?m)^broken .*failed$")
                .endsWith("best by perplexity: ties\n");
        assertThat(result.err()).endsWith("error: broken: " + folder.resolve("empty.txt") + ": holds no text\n");
    }

    @Test
    void modelsWithPacksByTheirNamesInTheTableDoNotRun() throws IOException {
        for (String name : List.of("base", "math")) {
            Cli.run(
                    "calibrate",
                    model(name),
                    "--data",
                    data("math_train.jsonl"),
                    "--template",
                    "{question} {answer}",
                    "--samples",
                    "2",
                    "--max-length",
                    "64",
                    "-o",
                    folder.resolve(name + ".pack").toString());
        }
        String[] args = {
            BASE,
            MATH,
            "--calibration",
            data("math_train.jsonl"),
            "--test",
            data("math_test.jsonl"),
            "--test-template",
            "{question}",
            "--method",
            "lewis-ties",
            "--pack",
            "base=" + folder.resolve("base.pack"),
            "--pack",
            "math=" + folder.resolve("math.pack")
        };
        Cli.Result result = compare(args);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(Main.DONE);
        assertThat(result.out()).containsPattern("(?m)^lewis-ties +0\\.[3-7]\\d\\d +\\d");
        assertThat(folder.resolve("cache")).doesNotExist();

        Files.copy(folder.resolve("base.pack"), folder.resolve("math.pack"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(compare(args).err())
                .contains("math: the results of an earlier comparison are reused\n")
                .contains("lewis-ties failed: " + folder.resolve("math.pack") + ": ");
    }

    @Test
    void packsOfModelsThatDoNotTakePartAreRefusedBeforeAnyWork() throws IOException {
        String test = data("math_test.jsonl");
        String[] guided = {
            BASE, MATH, "--test", test, "--calibration", data("math_train.jsonl"), "--method", "lewis-ties", "--pack"
        };
        assertRefused("--pack: the comparison names no model \"maths\"; known: base, math", with(guided, "maths=a"));
        String[] plain = {BASE, MATH, "--test", test, "--method", "ties", "--pack"};
        assertRefused("--pack: the comparison names no model \"math\" to calibrate", with(plain, "math=a"));
        String missing = folder.resolve("none.pack").toString();
        assertThat(compare(with(guided, "math=" + missing)))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: " + missing + ": no such file\n"));
        assertThat(Fixtures.names(folder)).isEmpty();
    }

    private static String[] with(String[] args, String last) {
        return Stream.concat(Stream.of(args), Stream.of(last)).toArray(String[]::new);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertRefused("a comparison needs at least one text or task", BASE, MATH);
        assertRefused(
                "unknown method \"tie\"; did you mean \"ties\"?; other merges are compared with --recipe",
                BASE,
                MATH,
                "--method",
                "tie");
        String test = data("math_test.jsonl");
        assertRefused(
                "lewis-ties calibrates each fine-tune with text of its task, and math has none",
                BASE,
                MATH,
                "--test",
                test,
                "--test-template",
                "{question}",
                "--method",
                "lewis-ties");
        assertRefused(
                "--calibration: none is called \"maths\"; did you mean \"math\"?",
                BASE,
                MATH,
                "--calibration",
                "maths=x",
                "--test",
                test);
        assertRefused(
                "there is no \"perplexiti\" to find the best model by; did you mean \"perplexity\"?",
                BASE,
                MATH,
                "--test",
                test,
                "--best-by",
                "perplexiti");
        assertRefused("a density must be in (0, 1], found 0.0", BASE, MATH, "--test", test, "--density", "0");
    }

    private void assertRefused(String message, String... args) {
        Cli.Result result = compare(args);
        assertThat(result.exitCode()).isEqualTo(Main.REFUSED);
        assertThat(result.err()).isEqualTo("error: " + message + "\nsee \"lewis compare --help\"\n");
    }
}
