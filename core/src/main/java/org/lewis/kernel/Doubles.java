package org.lewis.kernel;

/// Loops over doubles, where float32 would lose what is compared or averaged.
public final class Doubles {

    private Doubles() {}

    /// `target += scale * other`.
    public static void addScaled(double[] target, double scale, double[] other, int count) {
        for (int i = 0; i < count; i++) {
            target[i] += scale * other[i];
        }
    }

    /// `target *= other`.
    public static void multiply(double[] target, double[] other, int count) {
        for (int i = 0; i < count; i++) {
            target[i] *= other[i];
        }
    }

    /// `target = scale * values`, rounded.
    public static void round(double[] values, double scale, int count, float[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = (float) (scale * values[i]);
        }
    }

    /// The sum of the values that are finite.
    public static double sumOfFinite(double[] values, int count) {
        int whole = count & -4;
        double first = 0;
        double second = 0;
        double third = 0;
        double fourth = 0;
        for (int i = 0; i < whole; i += 4) {
            first += values[i];
            second += values[i + 1];
            third += values[i + 2];
            fourth += values[i + 3];
        }
        double sum = first + second + third + fourth;
        for (int i = whole; i < count; i++) {
            sum += values[i];
        }
        return Double.isFinite(sum) ? sum : sumOneByOne(values, count);
    }

    private static double sumOneByOne(double[] values, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Double.isFinite(values[i]) ? values[i] : 0;
        }
        return sum;
    }
}
