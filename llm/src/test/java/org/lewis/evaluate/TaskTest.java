package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.checkpoint.HubCache;
import org.lewis.dataset.DataSet;
import org.lewis.dataset.Template;
import org.lewis.document.DocumentException;

class TaskTest {

    private static final Path EXAMPLES = Path.of("..", "examples", "tasks");

    @TempDir
    Path folder;

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("t.yaml"), yaml);
    }

    @Test
    void aTaskIsReadWhole() throws IOException {
        Task task = Task.read(file("""
            data: ../data/rows.jsonl
            prompt: "Q: {q}"
            target: " {a}"
            tests: test_list
            max_new_tokens: 7
            stop: ["\\n\\n", "Q:"]
            scorer: python
            """));

        assertThat(task.name()).isEqualTo("t");
        assertThat(task.data()).isEqualTo(DataSet.of(Path.of("../data/rows.jsonl")));
        assertThat(task.folder()).isEqualTo(folder);
        assertThat(task.form())
                .isEqualTo(new Task.Generation(
                        new Template("Q: {q}"),
                        Optional.of(new Template(" {a}")),
                        new Task.Decoding(7, List.of("\n\n", "Q:"), 1, 0, 1),
                        new Task.Programs("{generation}", "test_list", List.of(1)),
                        false));
        assertThat(task.runsCode()).isTrue();
    }

    @Test
    void aTextNeedsItsFileOnly() throws IOException {
        Task task = Task.read(file("{data: a.txt, scorer: perplexity}"));

        assertThat(task.form()).isEqualTo(new Task.Prediction(Optional.empty(), Optional.empty(), 512, 512));
    }

    @ParameterizedTest
    @ValueSource(strings = {"math", "code", "text", "math_choices", "math_exact"})
    void bundledTasksOnBundledDataAreRight(String name) throws IOException {
        Task task = Task.read(EXAMPLES.resolve(name + ".yaml"));

        assertThat(read(task, 1000)).hasSizeGreaterThanOrEqualTo(60);
    }

    private static List<Problem> read(Task task, int limit) throws IOException {
        return Problems.read(task, limit, new HubCache(Path.of("none")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        prompt: x, scorer: gsm8k                     | :1:1: "data" is missing
        data: a, prompt: "{q}"                       | :1:1: "scorer" is missing
        data: a, scorer: gsm9k                       | :1:19: scorer: unknown scorer "gsm9k"; did you mean "gsm8k"?
        data: a, scorer: gsm8k, target: "{a}"        | :1:1: "prompt" is missing
        data: a, scorer: gsm8k, prompt: "{q}"        | :1:1: "target" is missing
        data: a, scorer: python, prompt: "{q}"       | :1:1: "tests" is missing
        data: a.jsonl, scorer: perplexity            | :1:1: "prompt" is missing
        data: a, scorer: gsm8k, promt: "{q}"         | :1:26: promt: unknown key "promt"; did you mean "prompt"?
        data: a, scorer: gsm8k, tests: t             | :1:33: tests: the scorer gsm8k has no use for it
        data: a, scorer: perplexity, stop: [x]       | :1:37: stop: the scorer perplexity has no use for it
        data: a, scorer: gsm8k, max_new_tokens: 0    | :1:42: max_new_tokens: expected a whole number from 1 to 1048576, found 0
        data: a, scorer: gsm8k, stop: x              | :1:32: stop: expected a list, found "x"
        data: a, scorer: gsm8k, prompt: "q"          | :1:34: prompt: the template "q" names no field; write {field}
        """)
    void whatCannotBeRightIsRefusedWithItsPlace(String yaml, String message) throws IOException {
        Path file = file("{" + yaml + "}");
        assertThatThrownBy(() -> Task.read(file))
                .isInstanceOf(DocumentException.class)
                .hasMessage(file + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows.jsonl", "rows.yaml"})
    void dataInPlaceOfATaskIsRefusedWithWhatToDo(String name) throws IOException {
        Path rows = Files.writeString(folder.resolve(name), "{\"q\": \"1\"}\n{\"q\": \"2\"}\n");
        assertThatThrownBy(() -> Task.read(rows))
                .isInstanceOf(DocumentException.class)
                .hasMessage(rows + ":1:1: expected a task, found rows of data; write a YAML file that names them as its"
                        + " `data`, with a `scorer` and what that needs");
        Path missing = folder.resolve("none.jsonl");
        assertThatThrownBy(() -> Task.read(missing)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void everyRowIsLookedAtBeforeAModelRuns() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), """
            {"q": "1", "a": "1", "t": ["assert f(1)"]}

            {"q": "2", "t": ["assert f(2)"]}
            {"q": "3", "a": "3", "t": []}
            """);
        Task numbers = Task.read(file("{data: rows.jsonl, prompt: \"{q}\", target: \"{a}\", scorer: gsm8k}"));
        assertThatThrownBy(() -> read(numbers, 10))
                .isInstanceOf(DocumentException.class)
                .hasMessage(rows + ":3:1: no field \"a\", which the template \"{a}\" wants; fields are q, t");
        assertThat(read(numbers, 1)).containsExactly(new Problem.Question("1", "1", "", ""));

        Task programs = Task.read(file("{data: rows.jsonl, prompt: \"{q}\", tests: t, scorer: python}"));
        assertThatThrownBy(() -> read(programs, 10))
                .isInstanceOf(DocumentException.class)
                .hasMessage(rows + ":4:27: t: expected at least one assertion, found a list of 0");
        assertThat(read(programs, 2))
                .containsExactly(
                        new Problem.Question("1", "", "", "\nassert f(1)\n"),
                        new Problem.Question("2", "", "", "\nassert f(2)\n"));
    }

    @Test
    void solvedProblemsStandBeforeEachPrompt() throws IOException {
        Files.writeString(folder.resolve("train.jsonl"), """
            {"q": "1+1", "a": "2"}
            {"q": "1+2", "a": "3"}
            {"q": "1+3", "a": "4"}
            """);
        Files.writeString(folder.resolve("test.jsonl"), "{\"q\": \"5+5\", \"a\": \"10\"}\n");
        String task = """
            data: .
            split: test
            description: "Sums.\\n"
            prompt: "{q} ="
            target: " {a}"
            scorer: exact_match
            """;

        assertThat(read(Task.read(file(task + "few_shot: {count: 2, split: train, separator: \"; \"}")), 9))
                .containsExactly(new Problem.Question("Sums.\n1+1 = 2; 1+2 = 3; 5+5 =", " 10", "", ""));
        assertThat(read(Task.read(file(task + "few_shot: {count: 2, split: \"train[1:]\"}")), 9))
                .containsExactly(new Problem.Question("Sums.\n1+2 = 3\n\n1+3 = 4\n\n5+5 =", " 10", "", ""));
        assertThat(read(Task.read(file(task + "few_shot: {examples: [{q: 0+0, a: 0}], target: \" is {a}\"}")), 9))
                .containsExactly(new Problem.Question("Sums.\n0+0 = is 0\n\n5+5 =", " 10", "", ""));
        assertThat(read(Task.read(file(task + "few_shot: {count: 3, split: train, seed: 1}")), 9))
                .isEqualTo(read(Task.read(file(task + "few_shot: {count: 3, split: train, seed: 1}")), 9))
                .isNotEqualTo(read(Task.read(file(task + "few_shot: {count: 3, split: train}")), 9));
        assertThatThrownBy(() -> read(Task.read(file(task + "few_shot: {count: 4, split: train}")), 9))
                .hasMessage("the task t wants 4 examples, but there are only 3");
    }

    @Test
    void theRightChoiceIsAnIndexALabelOrAText() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), """
            {"q": "a", "c": {"text": ["x", "y"], "label": ["A", "B"]}, "key": "B", "index": 0, "value": "y", "bad": "C"}
            """);
        String start = "{data: rows.jsonl, scorer: multiple_choice, prompt: \"{q}\", choices: c.text, ";
        Problem second = new Problem.Decision("a", List.of(" x", " y"), 1);

        assertThat(read(Task.read(file(start + "labels: c.label, answer: key}")), 9))
                .containsExactly(second);
        assertThat(read(Task.read(file(start + "answer: value}")), 9)).containsExactly(second);
        assertThat(read(Task.read(file(start + "answer: index}")), 9))
                .containsExactly(new Problem.Decision("a", List.of(" x", " y"), 0));
        assertThatThrownBy(() -> read(Task.read(file(start + "labels: c.label, answer: bad}")), 9))
                .isInstanceOf(DocumentException.class)
                .hasMessage(rows + ":1:105: bad: expected one of [A, B], found \"C\"");
    }

    @Test
    void programsStandWhereTheTaskSays() throws IOException {
        Files.writeString(folder.resolve("rows.jsonl"), """
            {"prompt": "def f():\\n", "test": "def check(g): assert g()", "entry": "f"}
            """);
        assertThat(read(
                        Task.read(file("{data: rows.jsonl, scorer: python, prompt: \"{prompt}\","
                                + " program: \"{prompt}{generation}\", tests: \"{test}\\ncheck({entry})\"}")),
                        9))
                .containsExactly(
                        new Problem.Question("def f():\n", "", "def f():\n", "\ndef check(g): assert g()\ncheck(f)\n"));
        Files.writeString(folder.resolve("setup.jsonl"), """
            {"q": "tree", "setup": "root = Node()", "t": ["assert height(root) == 1"]}
            {"q": "sum", "setup": "", "t": ["assert add(1, 2) == 3"]}
            """);
        assertThat(read(
                        Task.read(file("{data: setup.jsonl, scorer: python, prompt: \"{q}\","
                                + " program: \"{generation}\\n{setup|}\", tests: t}")),
                        9))
                .containsExactly(
                        new Problem.Question("tree", "", "", "\nroot = Node()\nassert height(root) == 1\n"),
                        new Problem.Question("sum", "", "", "\n\nassert add(1, 2) == 3\n"));
        assertThat(Programs.code("Sure:\n```python\nx = 1\n```\nDone")).isEqualTo("x = 1");
        assertThat(Programs.code("x = 1")).isEqualTo("x = 1");
    }
}
