package org.lewis.kernel;

/// Products of two tensors element by element, stretched so that the least is 0 and the most 1, and exponentials of
/// these.
public final class StretchedProducts {

    private static final double SQRT_E = Math.sqrt(Math.E);

    private StretchedProducts() {}

    /// Widens a range so that it holds all finite products.
    ///
    /// @param range the least and the most
    public static void widen(float[] a, float[] b, int count, double[] range) {
        double least = range[0];
        double most = range[1];
        for (int i = 0; i < count; i++) {
            double product = (double) a[i] * b[i];
            least = Math.min(least, product);
            most = Math.max(most, product);
        }
        if (Double.isFinite(least) && Double.isFinite(most)) {
            range[0] = least;
            range[1] = most;
        } else {
            widenByFinite(a, b, count, range);
        }
    }

    /// The same one by one, which is slower and right for products that are not finite, too.
    static void widenByFinite(float[] a, float[] b, int count, double[] range) {
        for (int i = 0; i < count; i++) {
            double product = (double) a[i] * b[i];
            if (Double.isFinite(product)) {
                range[0] = Math.min(range[0], product);
                range[1] = Math.max(range[1], product);
            }
        }
    }

    /// `target = exp((a * b - least) * factor)` for exponents in `[0, 1]`, right to 13 digits.
    ///
    /// A polynomial takes the place of `Math.exp`, of which the compiler makes no vector code.
    /// What is not finite gives something that is not finite.
    public static void exponentials(float[] a, float[] b, double least, double factor, int count, double[] target) {
        double half = factor / 2;
        for (int i = 0; i < count; i++) {
            double product = (double) a[i] * b[i];
            // Half of the exponent less its middle: within 1/4 of 0, where the 11th term of Taylor is below 1e-14.
            double x = (product - least) * half - 0.25;
            double root = 1.0 / 362880 + x * (1.0 / 3628800);
            root = 1.0 / 40320 + x * root;
            root = 1.0 / 5040 + x * root;
            root = 1.0 / 720 + x * root;
            root = 1.0 / 120 + x * root;
            root = 1.0 / 24 + x * root;
            root = 1.0 / 6 + x * root;
            root = 1.0 / 2 + x * root;
            root = 1 + x * root;
            root = 1 + x * root;
            target[i] = root * root * SQRT_E;
        }
    }
}
