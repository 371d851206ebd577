package org.lewis.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Judges answers.
interface Scorer {

    /// @param details of each answer, to be kept beside it
    /// @param scores  of all
    record Verdict(List<Map<String, Object>> details, List<Score> scores) {}

    /// @param answers at least one
    /// @throws IOException when a sandbox is needed and cannot run
    Verdict judge(List<Answer> answers) throws IOException;

    /// The mean over problems, each of which counts by the mean of its answers.
    ///
    /// @param perAnswer the metric of each answer
    static Score mean(String metric, List<Answer> answers, double[] perAnswer) {
        Map<Integer, List<Double>> byProblem = new LinkedHashMap<>();
        for (int i = 0; i < perAnswer.length; i++) {
            byProblem
                    .computeIfAbsent(answers.get(i).problem(), _ -> new ArrayList<>())
                    .add(perAnswer[i]);
        }
        return Score.mean(
                metric,
                byProblem.values().stream()
                        .mapToDouble(values -> values.stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElseThrow())
                        .toArray());
    }

    /// @throws IOException when the scoring runs code and there is no sandbox
    static Scorer of(Task.Scoring scoring, Optional<Sandbox> sandbox) throws IOException {
        return switch (scoring) {
            case Task.Numbers() -> new Gsm8k.Grading();
            case Task.Programs programs ->
                new Programs(
                        programs.passAt(),
                        sandbox.orElseThrow(() -> new IOException(
                                "the task runs code that the model generates, which has to be allowed")));
            case Task.Translation() -> new Bleu.Corpus();
            case Task.ExactMatch match -> new Exactness(match);
        };
    }
}
