package org.lewis.kernel;

/// Element-wise arithmetic on the first `count` elements. Plain loops: the compiler turns each into vector code.
public final class Arithmetic {

    /// Sums that grow side by side, so that none waits for another.
    private static final int SUMS = 128;

    private Arithmetic() {}

    /// `target -= other`
    public static void subtract(float[] target, float[] other, int count) {
        for (int i = 0; i < count; i++) {
            target[i] -= other[i];
        }
    }

    /// `target = base + target`, and the very bits of the base where there is nothing to add.
    ///
    /// A sum would turn a base of -0 into 0 there; a difference to zero does not, and is the same everywhere else.
    public static void addTo(float[] base, float[] target, int count) {
        for (int i = 0; i < count; i++) {
            target[i] = base[i] - (0 - target[i]);
        }
    }

    /// `target += scale * other`, one rounding per element.
    public static void addScaled(float[] target, float scale, float[] other, int count) {
        for (int i = 0; i < count; i++) {
            target[i] = Math.fma(scale, other[i], target[i]);
        }
    }

    /// `target *= scale`
    public static void scale(float[] target, float scale, int count) {
        for (int i = 0; i < count; i++) {
            target[i] *= scale;
        }
    }

    /// `target *= scale` from position `at` on.
    public static void scale(float[] target, int at, float scale, int count) {
        for (int i = at; i < at + count; i++) {
            target[i] *= scale;
        }
    }

    /// `target *= factors`, from position `at` of the one and `from` of the others on.
    public static void multiply(float[] target, int at, float[] factors, int from, int count) {
        for (int i = 0; i < count; i++) {
            target[at + i] *= factors[from + i];
        }
    }

    /// Sum of the absolute values of all that are finite, in double, and in an order that the count alone decides.
    public static double sumOfMagnitudes(float[] values, int count) {
        double[] sums = new double[SUMS];
        int whole = count - count % SUMS;
        for (int from = 0; from < whole; from += SUMS) {
            for (int i = 0; i < SUMS; i++) {
                sums[i] += Math.abs(values[from + i]);
            }
        }
        double sum = 0;
        for (double each : sums) {
            sum += each;
        }
        for (int i = whole; i < count; i++) {
            sum += Math.abs(values[i]);
        }
        return Double.isFinite(sum) ? sum : sumOfFinite(values, count);
    }

    private static double sumOfFinite(float[] values, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            float magnitude = Math.abs(values[i]);
            sum += magnitude <= Float.MAX_VALUE ? magnitude : 0;
        }
        return sum;
    }
}
