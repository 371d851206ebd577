package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MasksTest {

    @Test
    void whatIsPackedComesOutAgain() {
        int[] draws = new int[Masks.BLOCK];
        Draws.draw(3, 0, draws, draws.length);
        int[] masks = new int[Masks.BLOCK];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = draws[i] >> 31;
        }
        int[] words = new int[Masks.BLOCK];
        Arrays.fill(words, 1);
        Masks.pack(masks, words, 31);
        int[] unpacked = new int[Masks.BLOCK];
        Masks.unpack(words, 31, unpacked);
        assertThat(unpacked).isEqualTo(masks);
        Masks.unpack(words, 0, unpacked);
        assertThat(unpacked).as("what was packed before").containsOnly(-1);
        Masks.unpack(words, 30, unpacked);
        assertThat(unpacked).containsOnly(0);
    }

    @Test
    void whatDoesNotStayIsZeroUnlessItIsBroken() {
        float[] values = {9, 1, -2, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 5, 9};
        Masks.keep(values, 1, new int[] {-1, 0, 0, 0, -1, 0}, 6);
        assertThat(values).containsExactly(9, 1, 0, Float.NaN, Float.NaN, Float.NEGATIVE_INFINITY, 0, 9);
    }

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void zeroOfEitherSignIsZero(int length) {
        float[] values = Samples.mixed(length, 23);
        int[] masks = new int[length];
        Masks.ofNonZero(values, length, masks);
        for (int i = 0; i < length; i++) {
            assertThat(masks[i]).isEqualTo(values[i] == 0 ? 0 : -1);
        }
    }
}
