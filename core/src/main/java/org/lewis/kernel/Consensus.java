package org.lewis.kernel;

import java.util.Arrays;

/// TIES, steps 2 and 3: elects a sign per element and merges the votes that carry it.
///
/// A vote is `weight * delta`. The sign of the sum of votes wins, zero counts as plus, and votes of zero never count.
///
/// @see <a href="https://arxiv.org/abs/2306.01708">Yadav et al. 2023, section 3</a>
public final class Consensus {

    /// Below it the weights that agree count as none, so that nothing is divided by zero.
    static final float NO_WEIGHT = 1e-8f;

    private Consensus() {}

    /// Arrays to compute with, as long as the deltas; made once, since making them costs more than merging.
    public record Scratch(float[] signs, float[] agreeing) {

        public static Scratch of(int count) {
            return new Scratch(new float[count], new float[count]);
        }
    }

    /// `target = sum of agreeing votes`, divided by the sum of their weights when `normalize` is set.
    ///
    /// A NaN among the votes makes the result NaN.
    ///
    /// @param deltas one array per model
    /// @param target none of the deltas
    public static void merge(
            float[][] deltas, float[] weights, boolean normalize, int count, Scratch scratch, float[] target) {
        merge(deltas, weights, weights, normalize, count, scratch, target);
    }

    /// The same where models elect the sign by other weights.
    ///
    /// @param ballots the weights of the election
    public static void merge(
            float[][] deltas,
            float[] ballots,
            float[] weights,
            boolean normalize,
            int count,
            Scratch scratch,
            float[] target) {
        if (normalize && !allCount(weights)) {
            mergeScalar(deltas, ballots, weights, true, count, target);
            return;
        }
        if (deltas.length == 2) {
            if (normalize) {
                meanOfPair(deltas[0], deltas[1], ballots, weights, count, target);
            } else {
                sumOfPair(deltas[0], deltas[1], ballots, weights, count, target);
            }
            return;
        }
        float[] signs = scratch.signs();
        float[] agreeing = scratch.agreeing();
        Arrays.fill(signs, 0, count, 0);
        Arrays.fill(agreeing, 0, count, 0);
        Arrays.fill(target, 0, count, 0);
        for (int k = 0; k < weights.length; k++) {
            addVotes(deltas[k], ballots[k], signs, count);
        }
        toSigns(signs, count);
        for (int k = 0; k < weights.length; k++) {
            addAgreeing(deltas[k], weights[k], signs, target, agreeing, count);
        }
        if (normalize) {
            divide(target, agreeing, count);
        }
        multiply(target, signs, count);
    }

    // The loops have no branches, and one index for all their arrays: then the compiler makes vector code of them.

    /// 1 where the sum of votes is positive or zero, -1 where it is negative, NaN where it is NaN.
    private static float sign(float votes) {
        float sign = Math.signum(votes);
        return sign + (1 - Math.abs(sign));
    }

    /// Turned by the elected sign, the votes that agree are the positive ones.
    private static float agreeing(float vote, float sign) {
        return Math.max(vote * sign, 0);
    }

    /// Where no weight agrees there is no vote either, and 0 is divided by 1.
    private static float divisor(float weight) {
        return weight + (1 - Math.signum(weight));
    }

    // The merge of two models, the most frequent, is one loop.

    private static void meanOfPair(
            float[] firsts, float[] seconds, float[] ballots, float[] weights, int count, float[] target) {
        float firstBallot = ballots[0];
        float secondBallot = ballots[1];
        float firstWeight = weights[0];
        float secondWeight = weights[1];
        for (int i = 0; i < count; i++) {
            float sign = sign(firstBallot * firsts[i] + secondBallot * seconds[i]);
            float first = agreeing(firstWeight * firsts[i], sign);
            float second = agreeing(secondWeight * seconds[i], sign);
            float weight = Math.signum(first) * firstWeight + Math.signum(second) * secondWeight;
            target[i] = (first + second) / divisor(weight) * sign;
        }
    }

    private static void sumOfPair(
            float[] firsts, float[] seconds, float[] ballots, float[] weights, int count, float[] target) {
        float firstBallot = ballots[0];
        float secondBallot = ballots[1];
        float firstWeight = weights[0];
        float secondWeight = weights[1];
        for (int i = 0; i < count; i++) {
            float sign = sign(firstBallot * firsts[i] + secondBallot * seconds[i]);
            float first = agreeing(firstWeight * firsts[i], sign);
            float second = agreeing(secondWeight * seconds[i], sign);
            target[i] = (first + second) * sign;
        }
    }

    private static void addVotes(float[] deltas, float weight, float[] elected, int count) {
        for (int i = 0; i < count; i++) {
            elected[i] += weight * deltas[i];
        }
    }

    private static void toSigns(float[] elected, int count) {
        for (int i = 0; i < count; i++) {
            elected[i] = sign(elected[i]);
        }
    }

    private static void addAgreeing(
            float[] deltas, float weight, float[] signs, float[] sums, float[] agreeing, int count) {
        for (int i = 0; i < count; i++) {
            float agrees = agreeing(weight * deltas[i], signs[i]);
            sums[i] += agrees;
            agreeing[i] += Math.signum(agrees) * weight;
        }
    }

    private static void divide(float[] sums, float[] agreeing, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] /= divisor(agreeing[i]);
        }
    }

    private static void multiply(float[] sums, float[] signs, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] *= signs[i];
        }
    }

    /// Whether each weight that agrees is enough to divide by; sums of negative weights may cancel.
    private static boolean allCount(float[] weights) {
        for (float weight : weights) {
            if (!(weight >= NO_WEIGHT)) {
                return false;
            }
        }
        return true;
    }

    /// The readable twin, and the way of weights that may cancel.
    static void mergeScalar(
            float[][] deltas, float[] ballots, float[] weights, boolean normalize, int count, float[] target) {
        for (int i = 0; i < count; i++) {
            float elected = 0;
            for (int k = 0; k < weights.length; k++) {
                elected += ballots[k] * deltas[k][i];
            }
            float sum = 0;
            float agreeing = 0;
            for (int k = 0; k < weights.length; k++) {
                float vote = weights[k] * deltas[k][i];
                if (elected >= 0 ? vote > 0 : vote < 0) {
                    sum += vote;
                    agreeing += weights[k];
                }
            }
            float merged = normalize && Math.abs(agreeing) >= NO_WEIGHT ? sum / agreeing : sum;
            target[i] = Float.isNaN(elected) ? Float.NaN : merged;
        }
    }
}
