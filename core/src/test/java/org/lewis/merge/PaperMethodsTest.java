package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Methods that only their papers define, against their formulas in plain loops.
class PaperMethodsTest {

    private static final int SIZE = 5000;

    private static final float[] ZERO = new float[SIZE];
    private static final float[] MATH = Merging.noise(SIZE, 2);
    private static final float[] CODE = Merging.noise(SIZE, 3);
    private static final float[] CHAT = Merging.noise(SIZE, 4);

    @ParameterizedTest
    @CsvSource({"0.2, 1", "0.4, 2", "0.6, 2", "1.5, 3", "0.4, 0"})
    void consensusKeepsWhatMattersToEnoughTasks(double limit, int needed) {
        double[] weights = {1, 0.5, 0.75};
        float[] merged = Merging.of("consensus_ta", 3)
                .with("weight", weights)
                .with("mask_lambda", limit)
                .with("consensus_k", needed)
                .run(ZERO, MATH, CODE, CHAT);
        int dropped = 0;
        for (int i = 0; i < SIZE; i++) {
            double[] votes = {weights[0] * MATH[i], weights[1] * CODE[i], weights[2] * CHAT[i]};
            double sum = Arrays.stream(votes).sum();
            long found = Arrays.stream(votes)
                    .filter(vote -> Math.abs(vote) > limit * Math.abs(sum - vote))
                    .count();
            assertThat((double) merged[i]).isCloseTo(found >= needed ? sum : 0, within(1e-6));
            dropped += merged[i] == 0 ? 1 : 0;
        }
        assertThat(dropped > 0).isEqualTo(needed > 0 && !(limit == 0.2 && needed == 1));
    }

    @Test
    void theSumsOfTiesAreMaskedByWholeTaskVectors() {
        float[] ties =
                Merging.of("ties", 2).with("normalize", 0).with("density", 0.2).run(ZERO, MATH, CODE);
        float[] merged = Merging.of("consensus_ties", 2).run(ZERO, MATH, CODE);
        for (int i = 0; i < SIZE; i++) {
            boolean both = Math.abs(MATH[i]) > 0.4f * Math.abs(ties[i] - MATH[i])
                    && Math.abs(CODE[i]) > 0.4f * Math.abs(ties[i] - CODE[i]);
            assertThat(merged[i]).isEqualTo(both ? ties[i] : 0);
        }
    }

    @Test
    void aConsensusOfMoreTasksThanThereAreIsRefused() {
        Merging merging = Merging.of("consensus_ta", 2).with("consensus_k", 3);
        assertThatThrownBy(() -> merging.run(ZERO, MATH, CODE))
                .hasMessage("consensus_k is 3, but there are only 2 models");
    }

    @ParameterizedTest
    @ValueSource(strings = {"task_arithmetic", "ties", "della_linear", "consensus_ta", "sce", "ram", "cabs", "pcb"})
    void linesScalesTheTaskVectorByDepth(String method) {
        Merging merging = Merging.of(method, 2);
        float[] whole = merging.run(ZERO, MATH, CODE);
        Merging lines = merging.with("lines_alpha", 0.25).with("lines_beta", 0.5);
        for (double depth : new double[] {0, 0.5, 1}) {
            float[] scaled = lines.atDepth(depth).run(ZERO, MATH, CODE);
            for (int i = 0; i < SIZE; i++) {
                assertThat(scaled[i]).isCloseTo((float) (0.25 + 0.5 * depth) * whole[i], within(1e-6f));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "2, 4", "64, 256", "3, 10", "7, 7", "3000, 4000", "1, 1"})
    void cabsKeepsTheLargestOfEachBlockThatNoneHasTaken(int kept, int block) {
        float[] merged = Merging.of("cabs", 2)
                .with("n", kept)
                .with("m", block)
                .with("weight", 1, 10)
                .run(ZERO, MATH, CODE);
        for (int start = 0; start < SIZE; start += block) {
            int end = Math.min(SIZE, start + block);
            List<Integer> first = largest(MATH, start, end, kept, List.of());
            Set<Integer> second = new HashSet<>(largest(CODE, start, end, kept, first));
            // Where the first model leaves too little, the second goes on with what that one has.
            List<Integer> free = largest(CODE, start, end, block, first);
            second.addAll(largest(CODE, start, end, Math.min(kept, end - start) - second.size(), free));
            for (int i = start; i < end; i++) {
                float expected = (first.contains(i) ? MATH[i] : 0) + (second.contains(i) ? 10 * CODE[i] : 0);
                assertThat(merged[i]).isCloseTo(expected, within(1e-5f));
            }
        }
    }

    @Test
    void cabsRefusesToKeepMoreThanABlockHolds() {
        Merging merging = Merging.of("cabs", 2).with("n", 2, 5).with("m", 4);
        assertThatThrownBy(() -> merging.run(ZERO, MATH, CODE))
                .hasMessage("a model cannot keep n = 5 of a block of m = 4 entries");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.2, 0.6, 1})
    void pcbAveragesByScoresOfSizeAndAgreement(double density) {
        float[][] deltas = {MATH, CODE, CHAT};
        double[] weights = {1, 0.5, -0.75};
        float[] merged = Merging.of("pcb", 3)
                .with("density", density)
                .with("weight", weights)
                .run(ZERO, deltas);
        double[][] scores = new double[3][];
        for (int i = 0; i < 3; i++) {
            scores[i] = trimmed(score(deltas, i), (int) (density * SIZE));
        }
        for (int at = 0; at < SIZE; at++) {
            double sum = 0;
            double total = 0;
            for (int i = 0; i < 3; i++) {
                sum += scores[i][at] * weights[i] * deltas[i][at];
                total += scores[i][at];
            }
            assertThat((double) merged[at]).isCloseTo(total == 0 ? 0 : sum / total, within(1e-6));
        }
    }

    private static List<Integer> largest(float[] values, int start, int end, int count, List<Integer> taken) {
        return IntStream.range(start, end)
                .boxed()
                .filter(i -> !taken.contains(i))
                .sorted(Comparator.comparingDouble(i -> -Math.abs(values[i])))
                .limit(count)
                .toList();
    }

    private static double[] score(float[][] deltas, int model) {
        double[] within = softmax(deltas[model], deltas[model], deltas.length);
        double[] score = new double[SIZE];
        for (float[] other : deltas) {
            double[] between = softmax(deltas[model], other, 1);
            Arrays.setAll(score, i -> score[i] + between[i]);
        }
        Arrays.setAll(score, i -> score[i] * within[i]);
        return score;
    }

    private static double[] softmax(float[] a, float[] b, double factor) {
        double[] products = new double[SIZE];
        Arrays.setAll(products, i -> (double) a[i] * b[i]);
        double least = Arrays.stream(products).min().orElseThrow();
        double most = Arrays.stream(products).max().orElseThrow();
        double[] exponentials = new double[SIZE];
        Arrays.setAll(exponentials, i -> Math.exp(factor * (products[i] - least) / (most - least)));
        double sum = Arrays.stream(exponentials).sum();
        Arrays.setAll(exponentials, i -> exponentials[i] / sum);
        return exponentials;
    }

    private static double[] trimmed(double[] scores, int kept) {
        double threshold = Arrays.stream(scores).sorted().toArray()[SIZE - kept];
        return Arrays.stream(scores)
                .map(score -> score >= threshold ? score : 0)
                .toArray();
    }
}
