package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MasksTest {

    @Test
    void whatIsPackedComesOutAgain() {
        int[] draws = new int[Masks.BLOCK];
        Draws.draw(3, 0, draws, draws.length);
        int[] masks = new int[Masks.BLOCK];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = draws[i] >> 31;
        }
        int[] words = new int[3 * Masks.WORDS];
        Masks.pack(masks, words, Masks.WORDS);
        int[] unpacked = new int[Masks.BLOCK];
        Masks.unpack(words, Masks.WORDS, unpacked);
        assertThat(unpacked).isEqualTo(masks);
        assertThat(words[Masks.WORDS - 1]).isZero();
        assertThat(words[2 * Masks.WORDS]).isZero();
    }

    @Test
    void whatDoesNotStayIsZeroUnlessItIsBroken() {
        float[] values = {9, 1, -2, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 5, 9};
        Masks.keep(values, 1, new int[] {-1, 0, 0, 0, -1, 0}, 6);
        assertThat(values).containsExactly(9, 1, 0, Float.NaN, Float.NaN, Float.NEGATIVE_INFINITY, 0, 9);
    }
}
