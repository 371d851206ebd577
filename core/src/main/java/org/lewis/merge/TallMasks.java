package org.lewis.merge;

import java.util.ArrayList;
import java.util.List;
import org.lewis.kernel.Arithmetic;
import org.lewis.merge.Parameter.Scope;

/// Takes from a merged task vector only what several tasks need: an entry matters to a task when the task's own
/// change is large against what the merge is off from it.
///
/// @param merged how the task vectors are merged before
/// @see <a href="https://arxiv.org/abs/2405.07813">Wang et al. 2024, sections 3 and 4</a>
record TallMasks(String name, TaskVectorMethod merged) implements Method {

    private static final Parameter MASK_LAMBDA = Parameter.number(
                    "mask_lambda",
                    Scope.MODEL,
                    "a number of at least 0",
                    value -> value >= 0 && Double.isFinite(value),
                    "how large a change has to be against the distance to the merge to matter to its task; lower keeps"
                            + " more")
            .or(0.4);
    private static final Parameter CONSENSUS_K = Parameter.whole(
                    "consensus_k", Scope.MERGE, 0, 1000, "how many tasks an entry must matter to")
            .or(2);

    @Override
    public Description description() {
        Description own = merged.description();
        List<Parameter> parameters = new ArrayList<>(own.parameters());
        parameters.addAll(List.of(MASK_LAMBDA, CONSENSUS_K));
        return new Description(
                name,
                own.summary() + ", but only entries that matter to several tasks",
                "B + lambda * m * v where at least consensus_k models have |w_i*d_i| > mask_lambda_i * |v - w_i*d_i|,"
                        + " m = 1 there and 0 elsewhere, v what " + merged.name() + " adds at lambda 1",
                "arXiv:2405.07813",
                Demands.base(2, Integer.MAX_VALUE),
                parameters);
    }

    @Override
    public boolean takesScales() {
        return merged.takesScales();
    }

    @Override
    public void check(Settings settings) {
        merged.check(settings);
        int models = settings.models().size();
        if (settings.of(CONSENSUS_K) > models) {
            throw new IllegalArgumentException(
                    "consensus_k is " + (int) settings.of(CONSENSUS_K) + ", but there are only " + models + " models");
        }
    }

    @Override
    public boolean hasPaperSemantics() {
        return merged.hasPaperSemantics();
    }

    @Override
    public boolean needsWholeModels(Semantics semantics) {
        return merged.needsWholeModels(semantics);
    }

    @Override
    public void checkTogether(List<Settings> all) {
        merged.checkTogether(all);
    }

    @Override
    public TallMasks knowing(WholeModels models) {
        return new TallMasks(name, merged.knowing(models));
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        Blend blend = merged.combined(inputs, settings, crew);
        float[] weights = settings.ofEach(TaskVectorMethod.WEIGHT);
        float[] limits = settings.ofEach(MASK_LAMBDA);
        int needed = (int) settings.of(CONSENSUS_K);
        return tile -> {
            float[][] votes = votes(tile, weights);
            blend.blend(tile);
            mask(tile, votes, limits, needed);
            TaskVectorMethod.addToBase(tile, settings);
        };
    }

    /// The weighted task vectors before anything is dropped from them.
    private static float[][] votes(Tile tile, float[] weights) {
        float[][] votes = new float[weights.length][];
        for (int i = 0; i < votes.length; i++) {
            votes[i] = tile.models()[i].clone();
            Arithmetic.subtract(votes[i], tile.base(), tile.count());
            Arithmetic.scale(votes[i], weights[i], tile.count());
        }
        return votes;
    }

    /// What is masked is 0, but NaN where it was not finite.
    private static void mask(Tile tile, float[][] votes, float[] limits, int needed) {
        float[] merged = tile.target();
        for (int i = 0; i < tile.count(); i++) {
            int found = 0;
            for (int task = 0; task < votes.length; task++) {
                float vote = votes[task][i];
                found += Math.abs(vote) > limits[task] * Math.abs(merged[i] - vote) ? 1 : 0;
            }
            merged[i] = found >= needed ? merged[i] : Math.abs(merged[i]) * 0;
        }
    }
}
