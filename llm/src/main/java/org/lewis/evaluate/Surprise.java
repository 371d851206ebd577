package org.lewis.evaluate;

import java.io.IOException;
import java.util.Arrays;

/// How badly tokens were predicted, all together.
///
/// @param negativeLogs  sum of the tokens' negative log-probabilities
/// @param standardError of that sum for so many tokens
record Surprise(double negativeLogs, long tokens, double standardError) {

    /// Adds up parts of texts that are independent, or nearly so: texts, or windows of one.
    ///
    /// The error is that of a ratio of sums by linearization (Cochran, Sampling Techniques, 1977, section 6.4): of
    /// the mean per token, whose parts are as long as they are. NaN for fewer than two parts with tokens.
    ///
    /// @param logs   of each part, the sum of the tokens' log-probabilities
    /// @param tokens of each part
    /// @param source to be named when there are no tokens
    static Surprise of(double[] logs, long[] tokens, String source) throws IOException {
        long all = Arrays.stream(tokens).sum();
        if (all == 0) {
            throw new IOException(source + ": holds no token to predict");
        }
        double negativeLogs = -Arrays.stream(logs).sum();
        double mean = negativeLogs / all;
        double squares = 0;
        int parts = 0;
        for (int i = 0; i < logs.length; i++) {
            double residual = -logs[i] - mean * tokens[i];
            squares += residual * residual;
            parts += tokens[i] > 0 ? 1 : 0;
        }
        return new Surprise(negativeLogs, all, parts < 2 ? Double.NaN : Math.sqrt(squares * parts / (parts - 1)));
    }

    /// `exp` of the mean over a number of tokens, words or bytes.
    Score perplexity(String metric, long count) {
        double value = Math.exp(negativeLogs / count);
        return new Score(metric, value, value * standardError / count, Math.toIntExact(count));
    }

    Score bits(String metric, long count) {
        double scale = count * Math.log(2);
        return new Score(metric, negativeLogs / scale, standardError / scale, Math.toIntExact(count));
    }
}
