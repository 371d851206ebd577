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
/// divided
/// by the words (what blanks separate) or bytes of the texts.
final class Passages {

    private static final Pattern BLANKS = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    /// A part of a text.
    ///
    /// @param from  of the text's tokens, the first that the model sees
    /// @param given of those that it sees, how many it does not predict; at least 1
    /// @param to    past the last
    record Window(int from, int given, int to) {}

    /// What became of a text.
    ///
    /// @param logLikelihood sum over its predicted tokens
    record Predicted(int problem, double logLikelihood, long tokens, long words, long bytes) {

        static Predicted of(Node row) {
            return new Predicted(
                    0,
                    row.get("log_likelihood").number(),
                    row.get("tokens").integer(),
                    row.get("words").integer(),
                    row.get("bytes").integer());
        }

        Map<String, Object> members() {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("problem", problem);
            members.put("log_likelihood", logLikelihood);
            members.put("tokens", tokens);
            members.put("words", words);
            members.put("bytes", bytes);
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
        double[] sums = new double[passages.size()];
        long[] tokens = new long[passages.size()];
        for (int i = 0; i < logs.length; i++) {
            sums[reading.problems().get(i)] += logs[i];
            tokens[reading.problems().get(i)] += reading.predicted(i);
        }
        List<Predicted> predicted = new ArrayList<>();
        for (int i = 0; i < sums.length; i++) {
            String text = passages.get(i).text();
            predicted.add(new Predicted(
                    i,
                    sums[i],
                    tokens[i],
                    BLANKS.split(text, -1).length,
                    text.getBytes(StandardCharsets.UTF_8).length));
        }
        return predicted;
    }

    /// @param data what the texts are of
    /// @throws IOException when nothing was predicted
    static List<Score> scores(List<Predicted> texts, String data) throws IOException {
        double negativeLogs =
                -texts.stream().mapToDouble(Predicted::logLikelihood).sum();
        long tokens = texts.stream().mapToLong(Predicted::tokens).sum();
        long words = texts.stream().mapToLong(Predicted::words).sum();
        long bytes = texts.stream().mapToLong(Predicted::bytes).sum();
        if (tokens == 0) {
            throw new IOException(data + ": holds no token to predict");
        }
        return List.of(
                perplexity("perplexity", negativeLogs, tokens),
                perplexity("word_perplexity", negativeLogs, words),
                perplexity("byte_perplexity", negativeLogs, bytes),
                new Score("bits_per_byte", negativeLogs / bytes / Math.log(2), 0, Math.toIntExact(bytes)));
    }

    private static Score perplexity(String metric, double negativeLogs, long count) {
        return new Score(metric, Math.exp(negativeLogs / count), 0, Math.toIntExact(count));
    }
}
