package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MagnitudesTest {

    private static final int[] LIMITS = {
        -1, 0, 1, Magnitudes.of(1f), Magnitudes.of(2f) - 1, Magnitudes.of(Float.MAX_VALUE)
    };

    @Test
    void magnitudesRankZeroThenNumbersThenInfinityThenNaN() {
        float[] ascending = {0f, Float.MIN_VALUE, 1e-20f, 0.5f, 1f, Float.MAX_VALUE, Float.POSITIVE_INFINITY, Float.NaN
        };
        for (int i = 1; i < ascending.length; i++) {
            assertThat(Magnitudes.of(ascending[i])).isGreaterThan(Magnitudes.of(ascending[i - 1]));
            assertThat(Magnitudes.of(-ascending[i])).isEqualTo(Magnitudes.of(ascending[i]));
        }
        assertThat(Magnitudes.of(Float.intBitsToFloat(-1))).isEqualTo(Magnitudes.MAX);
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void zeroingEqualsItsTwinBitForBit(int length) {
        for (int limit : LIMITS) {
            float[] values = Samples.mixed(length + 5, 7);
            float[] expected = values.clone();
            Magnitudes.zeroUpToScalar(expected, 2, length + 2, limit);
            Magnitudes.zeroUpTo(values, 2, length + 2, limit);
            assertThat(Samples.bits(values)).isEqualTo(Samples.bits(expected));
        }
    }

    @Test
    void zeroingUpToALimitSparesWhatLiesAbove() {
        float[] values = {3, -2, 2, -1, -0f, Float.NaN, Float.NEGATIVE_INFINITY};
        Magnitudes.zeroUpTo(values, 0, values.length, Magnitudes.of(2f));
        assertThat(values).containsExactly(3, 0, 0, 0, 0, Float.NaN, Float.NEGATIVE_INFINITY);
        Magnitudes.zeroUpTo(values, 0, values.length, Magnitudes.MAX);
        assertThat(values).containsOnly(0);
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void countingCountsWhatIsAbove(int length) {
        float[] floats = Samples.mixed(length, 11);
        for (int limit : LIMITS) {
            long expected = IntStream.range(0, length)
                    .filter(i -> Magnitudes.of(floats[i]) > limit)
                    .count();
            assertThat(Magnitudes.countAbove(floats, length, limit)).isEqualTo((int) expected);
            assertThat(Magnitudes.countAbove(magnitudes(floats), length, limit)).isEqualTo((int) expected);
        }
        assertThat(Magnitudes.countAbove(floats, length, -1)).isEqualTo(length);
        assertThat(Magnitudes.countAbove(floats, length, Magnitudes.MAX)).isZero();
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    @ValueSource(ints = {2047, 2048, 2049, 5003})
    void collectingEqualsItsTwinInAnyOrder(int length) {
        float[] values = Samples.mixed(length, 13);
        for (int low : LIMITS) {
            for (int high : new int[] {low, low + 1, Magnitudes.of(1f), Magnitudes.MAX}) {
                if (low < 0 || high < low) {
                    continue;
                }
                int[] expected = new int[length + 3];
                int[] found = new int[length + 3];
                int end = Magnitudes.collectScalar(values, 0, length, low, high, expected, 3);
                assertThat(Magnitudes.collect(values, length, low, high, found, 3))
                        .isEqualTo(end);
                Arrays.sort(found, 3, end);
                Arrays.sort(expected, 3, end);
                assertThat(Arrays.copyOf(found, end)).isEqualTo(Arrays.copyOf(expected, end));
            }
        }
    }

    @Test
    void collectingNeedsRoomForTheMostThatCouldBeFound() {
        assertThatThrownBy(() -> Magnitudes.collect(new float[8], 8, 0, 1, new int[10], 3))
                .hasMessage("no room for 8 after 3 in 10");
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void theHistogramCountsEachMagnitudeOfTheRangeOnce(int length) {
        int[] values = magnitudes(Samples.mixed(length, 17));
        int low = Magnitudes.of(0.5f);
        int high = Magnitudes.of(2f) - 1;
        int[] bins = new int[1 << 10];
        Magnitudes.histogram(values, length, low, high, 14, bins);
        int[] expected = new int[bins.length];
        for (int value : values) {
            if (value >= low && value <= high) {
                expected[(value - low) / (1 << 14)]++;
            }
        }
        assertThat(bins).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 255, 256, 257, 5003})
    void theRankthLargestIsWhereSortingPutsIt(int count) {
        SplittableRandom random = new SplittableRandom(count);
        for (int distinct : new int[] {1, 3, 300, Integer.MAX_VALUE}) {
            int[] magnitudes = random.ints(count, 0, distinct).toArray();
            int[] sorted = magnitudes.clone();
            Arrays.sort(sorted);
            for (int rank : new int[] {1, 2, count / 2, count - 1, count}) {
                if (rank >= 1 && rank <= count) {
                    assertThat(Magnitudes.select(magnitudes, count, rank)).isEqualTo(sorted[count - rank]);
                }
            }
        }
    }

    private static int[] magnitudes(float[] values) {
        int[] magnitudes = new int[values.length];
        Magnitudes.copy(values, values.length, magnitudes, 0);
        for (int i = 0; i < values.length; i++) {
            assertThat(magnitudes[i]).isEqualTo(Magnitudes.of(values[i]));
        }
        return magnitudes;
    }

    @Test
    void thereIsNoRankOutsideTheCount() {
        assertThatThrownBy(() -> Magnitudes.select(new int[4], 3, 4)).hasMessage("rank 4 of 3");
        assertThatThrownBy(() -> Magnitudes.select(new int[4], 3, 0)).hasMessage("rank 0 of 3");
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void sortsInAscendingOrder(int length) {
        for (float[] values : new float[][] {Samples.mixed(length, 1), Samples.noise(length, 2), new float[length]}) {
            int[] magnitudes = new int[length + 2];
            Magnitudes.copy(values, length, magnitudes, 0);
            int[] expected = magnitudes.clone();
            java.util.Arrays.sort(expected, 0, length);
            Magnitudes.sort(magnitudes, length, new int[length]);
            assertThat(magnitudes).isEqualTo(expected);
        }
    }
}
