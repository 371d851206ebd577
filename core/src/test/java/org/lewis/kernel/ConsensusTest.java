package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConsensusTest {

    @ParameterizedTest
    @MethodSource("org.lewis.kernel.Samples#lengths")
    void theFastLoopEqualsItsTwinBitForBit(int length) {
        for (float[] weights : new float[][] {
            {1}, {1, 1}, {0.6f, 0.4f}, {0.5f, -0.25f, 2}, {0, 1e-9f}, {1, -1, 1, 1}, {0.3f, 0.7f, 1e-7f}
        }) {
            for (boolean normalize : new boolean[] {false, true}) {
                float[][] deltas = new float[weights.length][];
                for (int k = 0; k < deltas.length; k++) {
                    deltas[k] = Samples.mixed(length, 100 + k);
                }
                float[] expected = new float[length];
                float[] found = new float[length];
                Consensus.mergeScalar(deltas, weights, weights, normalize, length, expected);
                Consensus.merge(deltas, weights, normalize, length, Consensus.Scratch.of(length), found);
                assertThat(Samples.bitsOfNumbers(found)).isEqualTo(Samples.bitsOfNumbers(expected));
            }
        }
    }

    @Test
    void theSignOfTheWeightedSumWins() {
        assertThat(merge(false, new float[] {1, 1, 1}, 3, -1, -1)).isEqualTo(3);
        assertThat(merge(false, new float[] {1, 2, 2}, 3, -1, -1)).isEqualTo(-4);
    }

    @Test
    void theMeanCountsOnlyTheWeightsThatAgree() {
        assertThat(merge(true, new float[] {1, 3, 1}, 2, 6, -1)).isEqualTo((2 + 18) / 4f);
        assertThat(merge(true, new float[] {1, 3, 1}, 2, 0, -1)).isEqualTo(2);
    }

    @Test
    void aTieElectsPlus() {
        assertThat(merge(false, new float[] {1, 1}, -2, 2)).isEqualTo(2);
    }

    @Test
    void nothingIsDividedByWeightsThatCancel() {
        assertThat(merge(true, new float[] {1, -1}, 2, -2)).isEqualTo(4);
    }

    @Test
    void aNaNAmongTheVotesMakesTheEntryNaN() {
        assertThat(merge(true, new float[] {1, 1}, Float.NaN, 1)).isNaN();
        assertThat(merge(true, new float[] {1, 1}, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY))
                .isNaN();
        assertThat(merge(true, new float[] {1, 1}, Float.POSITIVE_INFINITY, 1)).isEqualTo(Float.POSITIVE_INFINITY);
    }

    private static float merge(boolean normalize, float[] weights, float... deltas) {
        float[][] columns = new float[deltas.length][];
        for (int k = 0; k < deltas.length; k++) {
            columns[k] = new float[] {deltas[k]};
        }
        float[] target = new float[1];
        Consensus.merge(columns, weights, normalize, 1, Consensus.Scratch.of(1), target);
        return target[0];
    }
}
