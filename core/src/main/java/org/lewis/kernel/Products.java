package org.lewis.kernel;

/// Inner products in double. The product of two float32 is exact there, so that only additions round.
public final class Products {

    /// Sums that grow side by side, so that none waits for another.
    private static final int SUMS = 128;

    private Products() {}

    /// Sum of `a[i] * b[i]` over `[from, to)`; pairs of which one is NaN or infinite do not count.
    public static double dot(float[] a, float[] b, int from, int to) {
        double sum = dotOfAll(a, b, from, to);
        // Finite values cannot overflow a double, so this tells that some are not.
        return Double.isFinite(sum) ? sum : dotOfFinite(a, b, from, to);
    }

    private static double dotOfAll(float[] a, float[] b, int from, int to) {
        int whole = to - (to - from) % SUMS;
        double sum = whole == from ? 0 : dotOfWhole(a, b, from, whole);
        for (int i = whole; i < to; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /// In an order that the length alone decides, the same on every machine.
    private static double dotOfWhole(float[] a, float[] b, int from, int to) {
        double[] sums = new double[SUMS];
        for (int at = from; at < to; at += SUMS) {
            for (int i = 0; i < SUMS; i++) {
                sums[i] += (double) a[at + i] * b[at + i];
            }
        }
        return total(sums);
    }

    /// Pairwise: one sum after the other would wait for each addition.
    private static double total(double[] sums) {
        for (int i = 0; i < SUMS / 2; i++) {
            sums[i] += sums[i + SUMS / 2];
        }
        for (int i = 0; i < SUMS / 4; i++) {
            sums[i] += sums[i + SUMS / 4];
        }
        double even = 0;
        double odd = 0;
        for (int i = 0; i < SUMS / 4; i += 2) {
            even += sums[i];
            odd += sums[i + 1];
        }
        return even + odd;
    }

    private static double dotOfFinite(float[] a, float[] b, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += finite((double) a[i] * b[i]);
        }
        return sum;
    }

    /// `sums[at + i] += a[from + i] * b[from + i]` for the first `count` pairs that are finite.
    public static void addProducts(float[] a, float[] b, int from, int count, double[] sums, int at) {
        for (int i = 0; i < count; i++) {
            sums[at + i] += finite((double) a[from + i] * b[from + i]);
        }
    }

    private static double finite(double product) {
        return Math.abs(product) <= Double.MAX_VALUE ? product : 0;
    }
}
