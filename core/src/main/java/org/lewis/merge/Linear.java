package org.lewis.merge;

import java.util.Arrays;
import java.util.List;
import org.lewis.kernel.Arithmetic;

/// The weighted sum of the models, or their weighted mean: `sum w_i W_i [/ sum w_i]`.
final class Linear implements Method {

    private static final Parameter WEIGHT = Parameter.weight();
    private static final Parameter NORMALIZE =
            Parameter.flag("normalize", true, "divide by the sum of the weights, which makes the result a mean");

    @Override
    public Description description() {
        return new Description(
                "linear",
                "weighted mean or sum of whole models (model soup)",
                "sum(w_i*W_i) [/ sum(w_i)]",
                "arXiv:2203.05482",
                Demands.any(),
                List.of(WEIGHT, NORMALIZE));
    }

    @Override
    public void check(Settings settings) {
        if (settings.is(NORMALIZE)) {
            requireMean(settings, "; set `normalize: false` for their sum");
        }
    }

    static void requireMean(Settings settings, String remedy) {
        if (Math.abs(settings.sum(WEIGHT)) < 1e-8) {
            throw new IllegalArgumentException(
                    "the weights add up to " + settings.sum(WEIGHT) + ", so there is no mean" + remedy);
        }
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        if (settings.is(NORMALIZE)) {
            return mean(settings);
        }
        float[] weights = settings.ofEach(WEIGHT);
        return tile -> sum(tile, weights);
    }

    /// The mean of the models by their weights.
    static Blend mean(Settings settings) {
        float[] weights = settings.ofEach(WEIGHT);
        double total = settings.sum(WEIGHT);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (settings.of(WEIGHT, i) / total);
        }
        return tile -> mean(tile, weights);
    }

    private static void sum(Tile tile, float[] weights) {
        System.arraycopy(tile.models()[0], 0, tile.target(), 0, tile.count());
        Arithmetic.scale(tile.target(), weights[0], tile.count());
        for (int i = 1; i < weights.length; i++) {
            Arithmetic.addScaled(tile.target(), weights[i], tile.models()[i], tile.count());
        }
    }

    /// Adds weighted differences to the model with the largest share: equal models come back without rounding, and so
    /// does one beside others that weigh nothing.
    private static void mean(Tile tile, float[] shares) {
        int most = 0;
        for (int i = 1; i < shares.length; i++) {
            most = Math.abs(shares[i]) > Math.abs(shares[most]) ? i : most;
        }
        float[] origin = tile.models()[most];
        Arrays.fill(tile.target(), 0, tile.count(), 0);
        for (int i = 0; i < shares.length; i++) {
            if (i != most) {
                Arithmetic.subtract(tile.models()[i], origin, tile.count());
                Arithmetic.addScaled(tile.target(), shares[i], tile.models()[i], tile.count());
            }
        }
        Arithmetic.addTo(origin, tile.target(), tile.count());
    }
}
