package org.lewis.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Scores multiple choice: the model takes the choice it finds likeliest, by the sum of its tokens' log-probabilities
/// (`acc`), or by that sum per character of the choice (`acc_norm`), as lm-evaluation-harness does.
final class Decisions {

    /// @param details of each decision
    record Verdict(List<Score> scores, List<Map<String, Object>> details) {}

    private Decisions() {}

    /// @param logs of the choices of all decisions, one after the other
    static Verdict judge(List<Problem.Decision> decisions, double[] logs) {
        double[] plain = new double[decisions.size()];
        double[] normed = new double[decisions.size()];
        List<Map<String, Object>> details = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < plain.length; i++) {
            Problem.Decision decision = decisions.get(i);
            List<Double> own = own(logs, at, decision);
            at += own.size();
            Map<String, Object> grade = grade(decision.choices(), decision.answer(), own);
            plain[i] = (int) grade.get("acc");
            normed[i] = (int) grade.get("acc_norm");
            details.add(grade);
        }
        return new Verdict(List.of(Score.mean("acc", plain), Score.mean("acc_norm", normed)), details);
    }

    /// Rows of the file of samples.
    static List<Map<String, Object>> samples(List<Problem.Decision> decisions, double[] logs, Verdict verdict) {
        List<Map<String, Object>> samples = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < decisions.size(); i++) {
            Problem.Decision decision = decisions.get(i);
            List<Double> own = own(logs, at, decision);
            at += own.size();
            Map<String, Object> sample = new LinkedHashMap<>();
            sample.put("problem", i);
            sample.put("prompt", decision.prompt());
            sample.put("choices", decision.choices());
            sample.put("answer", decision.answer());
            sample.put("log_likelihoods", own);
            sample.putAll(verdict.details().get(i));
            samples.add(sample);
        }
        return samples;
    }

    private static List<Double> own(double[] logs, int at, Problem.Decision decision) {
        return Arrays.stream(logs, at, at + decision.choices().size()).boxed().toList();
    }

    /// What is kept of one decision: the choices taken either way, and whether they are right.
    static Map<String, Object> grade(List<String> choices, int answer, List<Double> logs) {
        List<Double> normed = new ArrayList<>();
        for (int i = 0; i < logs.size(); i++) {
            String choice = choices.get(i).strip();
            normed.add(logs.get(i) / Math.max(1, choice.codePointCount(0, choice.length())));
        }
        Map<String, Object> grade = new LinkedHashMap<>();
        grade.put("choice", largest(logs));
        grade.put("choice_norm", largest(normed));
        grade.put("acc", largest(logs) == answer ? 1 : 0);
        grade.put("acc_norm", largest(normed) == answer ? 1 : 0);
        return grade;
    }

    /// Of equals the first.
    private static int largest(List<Double> values) {
        int best = 0;
        for (int i = 1; i < values.size(); i++) {
            best = values.get(i) > values.get(best) ? i : best;
        }
        return best;
    }
}
