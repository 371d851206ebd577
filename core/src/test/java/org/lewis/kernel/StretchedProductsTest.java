package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StretchedProductsTest {

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void theRangeIsThatOfTheFiniteProducts(int length) {
        float[] b = Samples.noise(length, 2);
        for (float[] a : new float[][] {Samples.noise(length, 1), Samples.mixed(length, 3)}) {
            double[] range = {-0.5, 0.25};
            double[] expected = range.clone();
            StretchedProducts.widen(a, b, length, range);
            StretchedProducts.widenByFinite(a, b, length, expected);
            assertThat(range).isEqualTo(expected);
        }
    }

    @Test
    void whatIsNotFiniteWidensNothing() {
        double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        float[] broken = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        StretchedProducts.widen(broken, new float[] {1, 1, 1}, 3, range);
        assertThat(range).containsExactly(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        StretchedProducts.widen(broken, new float[] {1, 0, 1}, 1, range);
        assertThat(range).containsExactly(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    /// Measured: 2e-14.
    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void exponentialsAreThoseOfTheLibraryToThirteenDigits(int length) {
        float[] a = Samples.noise(length, 1);
        float[] b = Samples.noise(length, 2);
        double[] range = {-1, 1};
        StretchedProducts.widen(a, b, length, range);
        double factor = 1 / (range[1] - range[0]);
        double[] exponentials = new double[length];
        StretchedProducts.exponentials(a, b, range[0], factor, length, exponentials);
        for (int i = 0; i < length; i++) {
            double exact = Math.exp(((double) a[i] * b[i] - range[0]) * factor);
            assertThat(exponentials[i]).isCloseTo(exact, withinPercentage(1e-11));
        }
    }

    @Test
    void exponentialsOfWhatIsNotFiniteAreNotFinite() {
        float[] broken = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        double[] exponentials = new double[3];
        for (double factor : new double[] {0, 0.5}) {
            StretchedProducts.exponentials(broken, new float[] {1, 1, 1}, -1, factor, 3, exponentials);
            for (double exponential : exponentials) {
                assertThat(Double.isFinite(exponential)).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void sumsLeaveOutWhatIsNotFinite(int length) {
        float[] samples = Samples.mixed(length, 5);
        double[] values = new double[length];
        double expected = 0;
        for (int i = 0; i < length; i++) {
            // Whole numbers, whose sum is the same in any order.
            values[i] = Float.isFinite(samples[i]) ? Math.rint(Math.clamp(samples[i], -100, 100)) : samples[i];
            expected += Double.isFinite(values[i]) ? values[i] : 0;
        }
        assertThat(Doubles.sumOfFinite(values, length)).isEqualTo(expected);
    }
}
