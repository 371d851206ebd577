package org.lewis.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lewis.kernel.Arithmetic;
import org.lewis.kernel.Magnitudes;
import org.lewis.merge.Parameter.Scope;

/// Conflict-aware and balanced sparsification: of every block of consecutive entries each model keeps its largest
/// that no earlier model keeps, and others only where there are not enough of them.
///
/// @see <a href="https://arxiv.org/abs/2503.01874">Yang et al. 2025, section 4</a>
final class Cabs implements Method {

    private static final Parameter WEIGHT = Parameter.weight();
    private static final Parameter N = Parameter.whole(
                    "n", Scope.MODEL, 1, 65_536, "entries of its task vector that a model keeps of each block")
            .or(64);
    private static final Parameter M =
            Parameter.whole("m", Scope.MERGE, 1, 65_536, "entries of a block").or(256);
    private static final Parameter LAMBDA = Parameter.lambda();

    @Override
    public Description description() {
        List<Parameter> parameters = new ArrayList<>(List.of(WEIGHT, N, M, LAMBDA));
        parameters.addAll(LayerScaling.PARAMETERS);
        return new Description(
                "cabs",
                "the largest entries of each block of a task vector, no entry from two models",
                "B + lambda * sum(w_i*s_i), s_i = d_i for the n_i largest |d_i| of every m consecutive entries, first"
                        + " of those that no model listed before keeps",
                "arXiv:2503.01874",
                Demands.anyWithBase(),
                parameters);
    }

    @Override
    public void check(Settings settings) {
        for (int model = 0; model < settings.models().size(); model++) {
            if (settings.of(N, model) > settings.of(M)) {
                throw new IllegalArgumentException("a model cannot keep n = " + (int) settings.of(N, model)
                        + " of a block of m = " + (int) settings.of(M) + " entries");
            }
        }
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        float[] weights = settings.ofEach(WEIGHT);
        float[] kept = settings.ofEach(N);
        int block = (int) settings.of(M);
        float factor = (float) (settings.of(LAMBDA) * LayerScaling.factor(settings));
        return tile -> {
            for (float[] model : tile.models()) {
                Arithmetic.subtract(model, tile.base(), tile.count());
            }
            long end = tile.from() + tile.count();
            for (long start = tile.from() / block * block; start < end; start += block) {
                int length = (int) Math.min(block, inputs.elements() - start);
                if (start >= tile.from() && start + length <= end) {
                    int at = (int) (start - tile.from());
                    merge(tile.models(), at, length, kept, weights, tile.target());
                } else {
                    mergeAcross(inputs, tile, start, length, kept, weights);
                }
            }
            Arithmetic.scale(tile.target(), factor, tile.count());
            Arithmetic.addTo(tile.base(), tile.target(), tile.count());
        };
    }

    /// Merges a block that reaches beyond the tile: reads all of it and keeps what lies inside.
    private static void mergeAcross(Inputs inputs, Tile tile, long start, int length, float[] kept, float[] weights) {
        float[][] deltas = new float[weights.length][length];
        new Deltas(inputs).read(start, length, deltas, new float[length]);
        float[] merged = new float[length];
        merge(deltas, 0, length, kept, weights, merged);
        int begin = (int) Math.max(0, tile.from() - start);
        int end = (int) Math.min(length, tile.from() + tile.count() - start);
        System.arraycopy(merged, begin, tile.target(), (int) (start + begin - tile.from()), end - begin);
    }

    /// Merges entries `[at, at + length)`, which are one block.
    private static void merge(float[][] deltas, int at, int length, float[] kept, float[] weights, float[] target) {
        Arrays.fill(target, at, at + length, 0);
        boolean[] taken = new boolean[length];
        for (int model = 0; model < weights.length; model++) {
            float[] delta = deltas[model];
            boolean[] stays = new boolean[length];
            int found = choose(delta, at, taken, false, (int) kept[model], stays);
            choose(delta, at, taken, true, (int) kept[model] - found, stays);
            for (int i = 0; i < length; i++) {
                float value = delta[at + i];
                if (stays[i] || !Float.isFinite(value)) { // a broken weight shows even where it is not kept
                    target[at + i] = Math.fma(weights[model], value, target[at + i]);
                    taken[i] = true;
                }
            }
        }
    }

    /// Marks the largest entries of a block among those that are taken, or among those that are not; of equal ones the
    /// first. An entry of zero is never one of them.
    ///
    /// @return how many are marked, at most `count`
    private static int choose(float[] delta, int at, boolean[] taken, boolean amongTaken, int count, boolean[] stays) {
        int[] magnitudes = new int[taken.length];
        for (int i = 0; i < taken.length; i++) {
            magnitudes[i] = taken[i] == amongTaken ? Magnitudes.of(delta[at + i]) : 0;
        }
        int[] sorted = magnitudes.clone();
        Arrays.sort(sorted);
        int chosen = Math.min(count, above(sorted, 0));
        if (chosen == 0) {
            return 0;
        }
        int threshold = sorted[taken.length - chosen];
        int ties = chosen - above(sorted, threshold);
        for (int i = 0; i < taken.length; i++) {
            stays[i] |= magnitudes[i] > threshold || magnitudes[i] == threshold && ties-- > 0;
        }
        return chosen;
    }

    private static int above(int[] sorted, int threshold) {
        int found = 0;
        for (int i = sorted.length - 1; i >= 0 && sorted[i] > threshold; i--) {
            found++;
        }
        return found;
    }
}
