package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DrawsTest {

    private static final long KEY = Draws.key(42, "model.layers.0.mlp.up_proj.weight", "math#1");

    private static void keepShare(float[] values, int count, long key, long from, double share) {
        int[] masks = new int[count];
        Draws.masks(key, from, count, share, masks);
        Masks.keep(values, 0, masks, count);
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void theFastLoopEqualsItsTwinBitForBit(int length) {
        for (long from : new long[] {0, 1, 1L << 31, (1L << 32) - length / 2, (1L << 32) - length, 5L << 32}) {
            for (double share : new double[] {0.1, 0.5, 0.999}) {
                float[] values = Samples.mixed(length, 3);
                float[] expected = values.clone();
                keepShare(values, length, KEY, from, share);
                Draws.keepShareScalar(expected, 0, length, KEY, from, (int) Math.round(share * 0x1p32));
                assertThat(Samples.bitsOfNumbers(values)).isEqualTo(Samples.bitsOfNumbers(expected));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64, 1000})
    void drawsDoNotDependOnHowARangeIsCut(int step) {
        float[] whole = ones(10_000);
        keepShare(whole, whole.length, KEY, 0, 0.3);
        for (int from = 0; from < whole.length; from += step) {
            float[] piece = ones(Math.min(step, whole.length - from));
            keepShare(piece, piece.length, KEY, from, 0.3);
            assertThat(piece).isEqualTo(Arrays.copyOfRange(whole, from, from + piece.length));
        }
    }

    @Test
    void aDrawIsBelowTheShareJustWhereTheShareKeeps() {
        for (long from : new long[] {0, 5, (1L << 32) - 500, 7L << 32}) {
            int[] draws = new int[1000];
            Draws.draw(KEY, from, draws, 1000);
            float[] values = ones(1000);
            keepShare(values, 1000, KEY, from, 0.25);
            for (int i = 0; i < values.length; i++) {
                assertThat(Integer.compareUnsigned(draws[i], 1 << 30) < 0).isEqualTo(values[i] == 1);
            }
        }
    }

    @Test
    void keysDifferByEachOfSeedTensorAndModel() {
        Set<Long> keys = new HashSet<>();
        for (long seed : new long[] {0, 1, -1, 42}) {
            for (String tensor : new String[] {"a", "b", "ab", ""}) {
                for (String model : new String[] {"a", "b", "", "ba"}) {
                    keys.add(Draws.key(seed, tensor, model));
                }
            }
        }
        assertThat(keys).hasSize(4 * 4 * 4);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1, 0.5, 0.9})
    void theShareThatStaysIsTheShareAskedFor(double share) {
        int count = 1_000_000;
        float[] values = ones(count);
        keepShare(values, count, KEY, 0, share);
        assertThat((double) kept(values)).isCloseTo(share * count, sigmas(4, count, share));
    }

    @Test
    void drawsUnderTwoKeysAreIndependent() {
        int count = 1_000_000;
        float[] one = ones(count);
        keepShare(one, count, KEY, 0, 0.5);
        keepShare(one, count, Draws.key(42, "model.layers.0.mlp.up_proj.weight", "code#1"), 0, 0.5);
        assertThat((double) kept(one)).isCloseTo(0.25 * count, sigmas(4, count, 0.25));
    }

    @Test
    void neighbouringDrawsAreIndependent() {
        int count = 1_000_000;
        float[] values = ones(count);
        keepShare(values, count, KEY, 0, 0.5);
        for (int distance : new int[] {1, 2, 16, 896, 65536}) {
            int both = 0;
            for (int i = distance; i < count; i++) {
                both += values[i] != 0 && values[i - distance] != 0 ? 1 : 0;
            }
            int pairs = count - distance;
            assertThat((double) both).isCloseTo(0.25 * pairs, sigmas(5, pairs, 0.25));
        }
    }

    @Test
    void aShareOfOneKeepsEverything() {
        float[] values = Samples.mixed(1009, 5);
        float[] expected = values.clone();
        keepShare(values, values.length, KEY, 0, 1);
        assertThat(Samples.bits(values)).isEqualTo(Samples.bits(expected));
    }

    @Test
    void whatIsDroppedIsZeroButABrokenValueStaysNaN() {
        float[] values = {1, -1, Float.NaN, Float.POSITIVE_INFINITY};
        keepShare(values, values.length, KEY, 0, 1e-9);
        assertThat(values).containsExactly(0, 0, Float.NaN, Float.NaN);
    }

    private static org.assertj.core.data.Offset<Double> sigmas(double sigmas, int count, double share) {
        return org.assertj.core.data.Offset.offset(sigmas * Math.sqrt(count * share * (1 - share)));
    }

    private static float[] ones(int count) {
        float[] values = new float[count];
        Arrays.fill(values, 1);
        return values;
    }

    private static int kept(float[] values) {
        int kept = 0;
        for (float value : values) {
            kept += value != 0 ? 1 : 0;
        }
        return kept;
    }
}
