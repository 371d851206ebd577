package org.lewis.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.dataset.Template;
import org.lewis.document.Node;

/// Scores samples that were kept, without a model.
///
/// @param rows   each with what was made of it beside what it had
/// @param scores of all
public record SavedSamples(List<Map<String, Object>> rows, List<Score> scores) {

    /// Names of the ways to score, each of which needs no task file.
    public static final List<String> KINDS =
            List.of("gsm8k", "python", "bleu", "exact_match", "multiple_choice", "perplexity");

    /// What of a row is which answer, where a row does not say so.
    private static final Task.Programs PYTHON =
            new Task.Programs(Programs.GENERATION, "test_list", List.of(1, 10, 100));

    private static final Template ANY = new Template("{prompt}");

    /// The form that a name of [#KINDS] stands for.
    public static Task.Form form(String kind) {
        return switch (kind) {
            case "gsm8k" -> answers(new Task.Numbers());
            case "python" -> answers(PYTHON);
            case "bleu" -> answers(new Task.Translation());
            case "exact_match" -> answers(new Task.ExactMatch(false, false, Optional.empty()));
            case "multiple_choice" -> new Task.MultipleChoice(ANY, List.of("choices"), "answer", Optional.empty(), "");
            case "perplexity" -> new Task.Prediction(Optional.empty(), Optional.empty(), 2, 1);
            default -> throw new IllegalArgumentException("no way to score is called " + kind);
        };
    }

    private static Task.Form answers(Task.Scoring scoring) {
        return new Task.Generation(ANY, Optional.empty(), new Task.Decoding(1, List.of(), 1, 0, 1), scoring, false);
    }

    /// Scores rows as the task does. Rows of one `problem` are samples of it.
    ///
    /// @param rows those that `evaluate` keeps, or others with the same members: `generation` and `target`;
    ///             `tests`, `test_list` or what the task makes tests of; `log_likelihoods`, `choices` and
    ///             `answer`; or `log_likelihood`, `tokens`, `words` and `bytes`
    /// @param file the name to put into messages
    /// @throws org.lewis.document.DocumentException when a row lacks what it needs
    public static SavedSamples score(Task.Form form, List<Node> rows, String file, Optional<Sandbox> sandbox)
            throws IOException {
        return switch (form) {
            case Task.Generation generation -> answers(generation.scoring(), rows, sandbox);
            case Task.MultipleChoice _ -> decisions(rows);
            case Task.Prediction _ -> {
                List<Passages.Predicted> texts =
                        rows.stream().map(Passages.Predicted::of).toList();
                List<Map<String, Object>> details =
                        texts.stream().map(Passages.Predicted::grade).toList();
                yield new SavedSamples(beside(rows, details), Passages.scores(texts, file));
            }
        };
    }

    private static SavedSamples answers(Task.Scoring scoring, List<Node> rows, Optional<Sandbox> sandbox)
            throws IOException {
        Map<String, Integer> problems = new HashMap<>();
        Map<String, Integer> samples = new HashMap<>();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Node row = rows.get(i);
            String name = row.find("problem").map(Node::toString).orElse("row " + i);
            int problem = problems.computeIfAbsent(name, _ -> problems.size());
            Programs.Frame frame =
                    scoring instanceof Task.Programs programs ? frame(programs, row) : new Programs.Frame("", "");
            answers.add(new Answer(
                    problem,
                    samples.merge(name, 1, Integer::sum) - 1,
                    "",
                    scoring instanceof Task.Programs ? "" : row.get("target").text(),
                    frame.before(),
                    frame.after(),
                    row.get("generation").text()));
        }
        Scorer.Verdict verdict = Scorer.of(scoring, sandbox).judge(answers);
        return new SavedSamples(beside(rows, verdict.details()), verdict.scores());
    }

    private static Programs.Frame frame(Task.Programs programs, Node row) {
        return row.find("tests").isPresent()
                ? new Programs.Frame(
                        row.find("before").map(Node::text).orElse(""), "\n" + Programs.assertions(row.get("tests")))
                : Programs.frame(programs, row);
    }

    private static SavedSamples decisions(List<Node> rows) {
        List<Problem.Decision> decisions = new ArrayList<>();
        List<Double> logs = new ArrayList<>();
        for (Node row : rows) {
            List<String> choices =
                    row.get("choices").sequence().stream().map(Node::text).toList();
            List<Node> own = row.get("log_likelihoods").sequence();
            if (own.size() != choices.size()) {
                throw row.get("log_likelihoods").expected("a number for each of the " + choices.size() + " choices");
            }
            own.forEach(log -> logs.add(log.number()));
            int answer = row.get("answer").integer(0, choices.size() - 1);
            decisions.add(new Problem.Decision("", choices, answer));
        }
        Decisions.Verdict verdict = Decisions.judge(
                decisions, logs.stream().mapToDouble(Double::doubleValue).toArray());
        return new SavedSamples(beside(rows, verdict.details()), verdict.scores());
    }

    private static List<Map<String, Object>> beside(List<Node> rows, List<Map<String, Object>> details) {
        List<Map<String, Object>> scored = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            rows.get(i).mapping().forEach((key, value) -> row.put(key, value.plain()));
            row.putAll(details.get(i));
            scored.add(row);
        }
        return scored;
    }
}
