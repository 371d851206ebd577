package org.lewis.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Grades answers to grade-school mathematics as the `gsm8k` task of lm-evaluation-harness does.
///
/// @see <a
/// href="https://github.com/EleutherAI/lm-evaluation-harness/blob/main/lm_eval/tasks/gsm8k/gsm8k.yaml">gsm8k.yaml</a>
public final class Gsm8k {

    /// What stands for an answer that could not be found.
    public static final String INVALID = "[invalid]";

    private static final Pattern STRICT = Pattern.compile("#### (-?[0-9.,]+)");
    private static final Pattern FLEXIBLE = Pattern.compile("-?[$0-9.,]{2,}|-?[0-9]+");

    /// Removed from both sides before they are compared, in this order.
    private static final List<Pattern> IGNORED = List.of(
            Pattern.compile(","),
            Pattern.compile("\\$"),
            Pattern.compile(".*#### ", Pattern.DOTALL),
            Pattern.compile("\\.$", Pattern.UNIX_LINES));

    /// What was extracted from a generation, and whether it is right.
    ///
    /// @param strict   the number after the first `####`
    /// @param flexible the last thing that looks like a number
    public record Grade(String strict, String flexible, boolean strictMatch, boolean flexibleMatch) {}

    private Gsm8k() {}

    /// Extracts both ways and compares with the reference.
    ///
    /// @param target the reference answer, whole or only its number
    public static Grade grade(String generation, String target) {
        String strict = strict(generation);
        String flexible = flexible(generation);
        return new Grade(strict, flexible, matches(strict, target), matches(flexible, target));
    }

    /// The number after the first `####`, or [#INVALID].
    public static String strict(String generation) {
        Matcher matcher = STRICT.matcher(generation);
        return matcher.find() ? matcher.group(1) : INVALID;
    }

    /// The last thing that looks like a number, or [#INVALID].
    public static String flexible(String generation) {
        Matcher matcher = FLEXIBLE.matcher(generation);
        String last = INVALID;
        while (matcher.find()) {
            last = matcher.group();
        }
        return last;
    }

    private static boolean matches(String answer, String target) {
        return bare(answer).equalsIgnoreCase(bare(target));
    }

    private static String bare(String text) {
        for (Pattern pattern : IGNORED) {
            text = pattern.matcher(text).replaceAll("");
        }
        return text;
    }

    /// Scores answers by both extractions.
    record Grading() implements Scorer {

        @Override
        public Verdict judge(List<Answer> answers) {
            List<Map<String, Object>> details = new ArrayList<>();
            double[] strict = new double[answers.size()];
            double[] flexible = new double[answers.size()];
            for (int i = 0; i < strict.length; i++) {
                Grade grade = grade(answers.get(i).generation(), answers.get(i).target());
                strict[i] = grade.strictMatch() ? 1 : 0;
                flexible[i] = grade.flexibleMatch() ? 1 : 0;
                Map<String, Object> detail = new LinkedHashMap<>();
                detail.put("strict", grade.strict());
                detail.put("flexible", grade.flexible());
                detail.put("strict_match", (int) strict[i]);
                detail.put("flexible_match", (int) flexible[i]);
                details.add(detail);
            }
            return new Verdict(
                    details,
                    List.of(
                            Scorer.mean("strict_match", answers, strict),
                            Scorer.mean("flexible_match", answers, flexible)));
        }
    }
}
