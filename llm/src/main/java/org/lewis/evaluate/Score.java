package org.lewis.evaluate;

import java.util.Arrays;

/// A metric over the problems of a task, most often the mean.
///
/// @param standardError of the value, from how much problems differ; NaN when that cannot be told, as of one problem
/// @param count         how many problems
public record Score(String metric, double value, double standardError, int count) {

    /// Whether a larger value is a better one; perplexities and losses are better when small.
    public boolean higherIsBetter() {
        return !metric.endsWith("perplexity") && !metric.equals("bits_per_byte") && !metric.equals("loss");
    }

    /// A value whose uncertainty is not known.
    public static Score withoutError(String metric, double value, int count) {
        return new Score(metric, value, Double.NaN, count);
    }

    /// Averages over problems.
    ///
    /// @param perProblem the metric of each problem, such as 0 or 1
    public static Score mean(String metric, double... perProblem) {
        int count = perProblem.length;
        if (count == 0) {
            throw new IllegalArgumentException(metric + ": no problems to average");
        }
        double mean = Arrays.stream(perProblem).sum() / count;
        double squares =
                Arrays.stream(perProblem).map(x -> (x - mean) * (x - mean)).sum();
        double error = count == 1 ? Double.NaN : Math.sqrt(squares / (count - 1) / count);
        return new Score(metric, mean, error, count);
    }
}
