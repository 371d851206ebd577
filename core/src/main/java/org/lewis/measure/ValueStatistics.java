package org.lewis.measure;

import java.util.List;
import org.lewis.tensor.ReadableTensor;

/// The values of a tensor, or of several, in numbers. What is NaN or infinite is counted and otherwise left out.
///
/// @param zeros   exact ones
/// @param squares sum of the squares
/// @param sum     of all values
/// @param min     the least value; infinite when none is finite
/// @param max     the largest value; minus infinity when none is finite
public record ValueStatistics(
        long elements, long zeros, long nans, long infinities, double squares, double sum, double min, double max) {

    static final ValueStatistics NONE =
            new ValueStatistics(0, 0, 0, 0, 0, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    /// Reads a tensor once, on all threads.
    ///
    /// @throws IllegalArgumentException when its dtype is none that can be computed with
    public static ValueStatistics of(ReadableTensor tensor) {
        long elements = tensor.elements();
        return sum(Pieces.map(elements, from -> {
            float[] values = new float[Pieces.length(elements, from)];
            tensor.read(from, values.length, values);
            return of(values);
        }));
    }

    /// Of several taken together, added in their order.
    public static ValueStatistics sum(List<ValueStatistics> parts) {
        ValueStatistics total = NONE;
        for (ValueStatistics part : parts) {
            total = total.plus(part);
        }
        return total;
    }

    /// The Euclidean (Frobenius) norm.
    public double norm() {
        return Math.sqrt(squares);
    }

    /// NaN when no value is finite.
    public double mean() {
        return sum / (elements - nans - infinities);
    }

    private ValueStatistics plus(ValueStatistics other) {
        return new ValueStatistics(
                elements + other.elements,
                zeros + other.zeros,
                nans + other.nans,
                infinities + other.infinities,
                squares + other.squares,
                sum + other.sum,
                Math.min(min, other.min),
                Math.max(max, other.max));
    }

    private static ValueStatistics of(float[] values) {
        long zeros = 0;
        long nans = 0;
        long infinities = 0;
        double squares = 0;
        double sum = 0;
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            if (Math.abs(value) <= Float.MAX_VALUE) {
                zeros += value == 0 ? 1 : 0;
                squares += (double) value * value;
                sum += value;
                min = Math.min(min, value);
                max = Math.max(max, value);
            } else if (Float.isNaN(value)) {
                nans++;
            } else {
                infinities++;
            }
        }
        return new ValueStatistics(values.length, zeros, nans, infinities, squares, sum, min, max);
    }
}
