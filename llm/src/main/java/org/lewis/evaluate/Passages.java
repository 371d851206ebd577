package org.lewis.evaluate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lewis.document.Node;

/// Scores how well a model predicts texts. The perplexity is `exp` of the mean negative log-probability over all
/// predicted tokens, whatever text they are of: N - 1 predictions for N tokens. By word or byte, the same sum is
/// divided by the words (what blanks separate) or bytes of the texts.
final class Passages {

    private static final Pattern BLANKS = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    /// A part of a text.
    ///
    /// @param from  of the text's tokens, the first that the model sees
    /// @param given of those that it sees, how many it does not predict; at least 1
    /// @param to    past the last
    record Window(int from, int given, int to) {}

    /// What became of a window.
    ///
    /// @param logLikelihood sum over its predicted tokens
    record Part(double logLikelihood, long tokens) {

        static Part of(Node pair) {
            List<Node> numbers = pair.sequence();
            if (numbers.size() != 2) {
                throw pair.expected("a log-likelihood and a number of tokens");
            }
            return new Part(numbers.get(0).number(), numbers.get(1).integer());
        }
    }

    /// What became of a text.
    ///
    /// @param logLikelihood sum over its predicted tokens
    /// @param parts         its windows; empty when nobody knows
    record Predicted(int problem, double logLikelihood, long tokens, long words, long bytes, List<Part> parts) {

        static Predicted of(Node row) {
            return new Predicted(
                    0,
                    row.get("log_likelihood").number(),
                    row.get("tokens").integer(),
                    row.get("words").integer(),
                    row.get("bytes").integer(),
                    row.find("windows")
                            .map(windows ->
                                    windows.sequence().stream().map(Part::of).toList())
                            .orElse(List.of()));
        }

        Map<String, Object> members() {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("problem", problem);
            members.put("log_likelihood", logLikelihood);
            members.put("tokens", tokens);
            members.put("words", words);
            members.put("bytes", bytes);
            if (parts.size() > 1) {
                members.put(
                        "windows",
                        parts.stream()
                                .map(part -> List.of(part.logLikelihood(), part.tokens()))
                                .toList());
            }
            members.putAll(grade());
            return members;
        }

        Map<String, Object> grade() {
            return Map.of("perplexity", tokens == 0 ? Double.NaN : Math.exp(-logLikelihood / tokens));
        }
    }

    private Passages() {}

    /// Windows that begin a stride after one another and predict what none before them did, until all is predicted.
    static List<Window> windows(int tokens, int window, int stride) {
        List<Window> windows = new ArrayList<>();
        int done = 0;
        for (int from = 0; done < tokens; from += stride) {
            int to = Math.min(tokens, from + window);
            windows.add(new Window(from, Math.max(1, done - from), to));
            done = to;
        }
        return windows;
    }

    /// @param logs of each window
    static List<Predicted> predicted(List<Problem.Passage> passages, Reading reading, double[] logs) {
        List<List<Part>> parts =
                passages.stream().<List<Part>>map(_ -> new ArrayList<>()).toList();
        for (int i = 0; i < logs.length; i++) {
            parts.get(reading.problems().get(i)).add(new Part(logs[i], reading.predicted(i)));
        }
        List<Predicted> predicted = new ArrayList<>();
        for (int i = 0; i < passages.size(); i++) {
            String text = passages.get(i).text();
            predicted.add(new Predicted(
                    i,
                    parts.get(i).stream().mapToDouble(Part::logLikelihood).sum(),
                    parts.get(i).stream().mapToLong(Part::tokens).sum(),
                    BLANKS.split(text, -1).length,
                    text.getBytes(StandardCharsets.UTF_8).length,
                    parts.get(i)));
        }
        return predicted;
    }

    /// Standard errors come from how much texts differ, or the windows of the only text.
    ///
    /// @param data what the texts are of
    /// @throws IOException when nothing was predicted
    static List<Score> scores(List<Predicted> texts, String data) throws IOException {
        List<Part> parts = texts.size() == 1 && !texts.getFirst().parts().isEmpty()
                ? texts.getFirst().parts()
                : texts.stream()
                        .map(text -> new Part(text.logLikelihood(), text.tokens()))
                        .toList();
        Surprise surprise = Surprise.of(
                parts.stream().mapToDouble(Part::logLikelihood).toArray(),
                parts.stream().mapToLong(Part::tokens).toArray(),
                data);
        long words = texts.stream().mapToLong(Predicted::words).sum();
        long bytes = texts.stream().mapToLong(Predicted::bytes).sum();
        return List.of(
                surprise.perplexity("perplexity", surprise.tokens()),
                surprise.perplexity("word_perplexity", words),
                surprise.perplexity("byte_perplexity", bytes),
                surprise.bits("bits_per_byte", bytes));
    }
}
