package org.lewis.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lewis.dataset.Template;
import org.lewis.document.Node;

/// Scores generated Python by running it against its tests.
///
/// @param passAt  the k of pass@k
/// @param sandbox where it runs
record Programs(List<Integer> passAt, Sandbox sandbox) implements Scorer {

    /// Stands for the answer in a task's `program`.
    static final String GENERATION = "{generation}";

    private static final Pattern FENCED =
            Pattern.compile("```(?:python|py)?[ \\t]*\\R(.*?)(?:\\R```|\\z)", Pattern.DOTALL);

    /// What stands around the answer.
    record Frame(String before, String after) {}

    /// @throws org.lewis.document.DocumentException when the row lacks a field or has no tests
    static Frame frame(Task.Programs scoring, Node row) {
        int at = scoring.program().indexOf(GENERATION);
        return new Frame(
                filled(scoring.program().substring(0, at), row),
                filled(scoring.program().substring(at + GENERATION.length()), row) + "\n" + tests(scoring, row));
    }

    private static String tests(Task.Programs scoring, Node row) {
        if (Template.isTemplate(scoring.tests())) {
            return filled(scoring.tests(), row) + "\n";
        }
        return assertions(Template.find(row, scoring.tests())
                .orElseThrow(() -> row.error("\"" + scoring.tests() + "\" is missing")));
    }

    /// @param tests a text, or a list of texts that are a line each
    static String assertions(Node tests) {
        if (tests.isText()) {
            return tests.text() + "\n";
        }
        if (tests.sequence().isEmpty()) {
            throw tests.expected("at least one assertion");
        }
        StringBuilder lines = new StringBuilder();
        tests.sequence().forEach(test -> lines.append(test.text()).append('\n'));
        return lines.toString();
    }

    private static String filled(String text, Node row) {
        return Template.isTemplate(text) ? new Template(text).fill(row) : text;
    }

    /// The code of an answer: the first block between fences, or all of it.
    static String code(String generation) {
        Matcher block = FENCED.matcher(generation);
        return block.find() ? block.group(1) : generation;
    }

    @Override
    public Verdict judge(List<Answer> answers) throws IOException {
        List<Map<String, Object>> details = new ArrayList<>();
        Map<Integer, int[]> passedOf = new LinkedHashMap<>();
        for (Answer answer : answers) {
            Outcome outcome = sandbox.run(answer.before() + code(answer.generation()) + answer.after());
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("passed", outcome.passed() ? 1 : 0);
            detail.put("detail", outcome.detail());
            details.add(detail);
            int[] counts = passedOf.computeIfAbsent(answer.problem(), _ -> new int[2]);
            counts[0] += outcome.passed() ? 1 : 0;
            counts[1]++;
        }
        return new Verdict(details, scores(List.copyOf(passedOf.values())));
    }

    /// @param counts for each problem, programs that passed and all
    private List<Score> scores(List<int[]> counts) {
        int fewest = counts.stream().mapToInt(of -> of[1]).min().orElse(0);
        List<Score> scores = new ArrayList<>();
        for (int k : passAt) {
            if (k <= fewest) {
                scores.add(Score.mean(
                        "pass@" + k,
                        counts.stream()
                                .mapToDouble(of -> PassAtK.estimate(of[1], of[0], k))
                                .toArray()));
            }
        }
        return scores;
    }
}
