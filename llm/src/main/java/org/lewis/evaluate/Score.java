package org.lewis.evaluate;

import java.util.Arrays;

/// The mean of a metric over the problems of a task.
///
/// @param standardError of the mean, from the sample's deviation; 0 when there is one problem only
/// @param count         how many problems
public record Score(String metric, double value, double standardError, int count) {

    /// Whether a larger value is a better one; perplexities are better when small.
    public boolean higherIsBetter() {
        return !metric.endsWith("perplexity") && !metric.equals("bits_per_byte");
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
        double error = count == 1 ? 0 : Math.sqrt(squares / (count - 1) / count);
        return new Score(metric, mean, error, count);
    }
}
