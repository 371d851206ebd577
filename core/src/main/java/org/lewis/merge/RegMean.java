package org.lewis.merge;

import java.util.List;

/// The weighted mean of the models. Linear layers come from guidance, which has solved for them with Gram matrices of
/// their inputs; there all models are the solution, and so is their mean.
final class RegMean implements Method {

    private static final Parameter WEIGHT = Parameter.weight().or(1);

    @Override
    public Description description() {
        return new Description(
                Methods.REGMEAN,
                "linear layers whose outputs are nearest to those of all models, weighted mean of everything else",
                "sum(w_i*W_i*G_i) * (sum(w_i*G_i))^-1 with Gram matrices G_i of inputs, off-diagonals times alpha",
                "arXiv:2212.09849",
                Demands.any(),
                List.of(WEIGHT));
    }

    @Override
    public void check(Settings settings) {
        Linear.requireMean(settings, "");
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        return Linear.mean(settings);
    }
}
