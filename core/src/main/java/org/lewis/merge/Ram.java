package org.lewis.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lewis.kernel.Arithmetic;
import org.lewis.merge.Parameter.Scope;

/// Adds what only one model changed, and the mean of what several did.
///
/// @param enlarges whether what is unique to a model is enlarged by how much it shares
/// @param known    by how much, when it is counted in whole models and these are known; else empty, and it is
///                 counted in each tensor
/// @see <a href="https://arxiv.org/abs/2601.13572">Reinforced Agent Merging</a>
record Ram(boolean enlarges, List<Double> known) implements Method {

    Ram(boolean enlarges) {
        this(enlarges, List.of());
    }

    private static final Parameter EPSILON = Parameter.positive(
                    "epsilon", Scope.MERGE, "a difference to the base counts as a change when it is larger")
            .or(1e-5);
    private static final Parameter R = Parameter.finite(
                    "r", Scope.MERGE, "how much a model's unique changes grow with the share it has in common")
            .or(0.1);
    private static final Parameter ALPHA = Parameter.number(
                    "alpha",
                    Scope.MERGE,
                    "a number of at least 0",
                    value -> value >= 0 && Double.isFinite(value),
                    "most of shared over unique changes that counts")
            .or(0.2);

    @Override
    public Description description() {
        List<Parameter> parameters = new ArrayList<>();
        if (enlarges) {
            parameters.addAll(List.of(R, ALPHA));
        }
        parameters.add(EPSILON);
        parameters.addAll(LayerScaling.PARAMETERS);
        return new Description(
                enlarges ? "ramplus_tl" : "ram",
                enlarges
                        ? "what one model changed, the more the more it shares, and the mean of what several did"
                        : "what one model changed, and the mean of what several did",
                enlarges
                        ? "B + (1 + r * min(alpha, shared_i/unique_i)) * d_i where only model i changed,"
                                + " B + mean(d_i of those that did) where several did"
                        : "B + sum(d_i)/n over the n models with |d_i| > epsilon",
                "arXiv:2601.13572",
                Demands.anyWithBase(),
                parameters);
    }

    @Override
    public boolean hasPaperSemantics() {
        return true;
    }

    /// The paper counts in whole models, mergekit in each tensor.
    @Override
    public boolean needsWholeModels(Semantics semantics) {
        return semantics == Semantics.PAPER && enlarges;
    }

    @Override
    public void checkTogether(List<Settings> all) {
        for (Settings settings : all) {
            for (Parameter parameter : List.of(EPSILON, R, ALPHA)) {
                if (settings.of(parameter) != all.getFirst().of(parameter)) {
                    throw new IllegalArgumentException("`semantics: paper` counts changes in whole models, so `"
                            + parameter.name() + "` has one value; found "
                            + all.getFirst().of(parameter) + " for "
                            + all.getFirst().tensor() + " and "
                            + settings.of(parameter) + " for " + settings.tensor());
                }
            }
        }
    }

    @Override
    public Ram knowing(WholeModels models) {
        return new Ram(enlarges, enlarged(models));
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        float epsilon = (float) settings.of(EPSILON);
        float[] unique = unique(inputs, settings, crew);
        float factor = (float) LayerScaling.factor(settings);
        return tile -> {
            for (float[] model : tile.models()) {
                Arithmetic.subtract(model, tile.base(), tile.count());
            }
            for (int i = 0; i < tile.count(); i++) {
                tile.target()[i] = factor * merged(tile.models(), i, epsilon, unique);
            }
            Arithmetic.addTo(tile.base(), tile.target(), tile.count());
        };
    }

    private static float merged(float[][] deltas, int i, float epsilon, float[] unique) {
        float sum = 0;
        int changes = 0;
        int last = 0;
        for (int model = 0; model < deltas.length; model++) {
            if (isChange(deltas[model][i], epsilon)) {
                sum += deltas[model][i];
                changes++;
                last = model;
            }
        }
        return changes == 1 ? unique[last] * sum : sum / Math.max(1, changes);
    }

    /// Written so that NaN is one.
    private static boolean isChange(float delta, float epsilon) {
        return !(Math.abs(delta) <= epsilon);
    }

    /// What a model's unique changes are multiplied by.
    private float[] unique(Inputs inputs, Settings settings, Crew crew) {
        float[] factors = new float[inputs.models()];
        Arrays.fill(factors, 1);
        if (enlarges) {
            WholeModels.requireKnown(!known.isEmpty() || !needsWholeModels(settings.semantics()), settings);
            List<Double> all = known.isEmpty() ? enlarged(WholeModels.of(inputs, settings, crew)) : known;
            for (int model = 0; model < factors.length; model++) {
                factors[model] = all.get(model).floatValue();
            }
        }
        return factors;
    }

    /// For each model `1 + r * min(alpha, shared / unique)`.
    private static List<Double> enlarged(WholeModels models) {
        Settings settings = models.each((_, first, _) -> first).getFirst();
        int count = settings.drawKeys().size();
        long[] sums = new long[2 * count];
        models.each((inputs, own, crew) -> crew.mapChunks(
                        inputs.elements(), (from, to) -> counts(inputs, (float) own.of(EPSILON), from, to)))
                .forEach(chunks -> chunks.forEach(counts -> Arrays.setAll(sums, i -> sums[i] + counts[i])));
        List<Double> factors = new ArrayList<>();
        for (int model = 0; model < count; model++) {
            double ratio = sums[count + model] / Math.max(sums[model], settings.of(EPSILON));
            factors.add(1 + settings.of(R) * Math.min(ratio, settings.of(ALPHA)));
        }
        return factors;
    }

    /// How many changes are unique to each model, then how many each shares.
    private static long[] counts(Inputs inputs, float epsilon, long from, long to) {
        int models = inputs.models();
        long[] counts = new long[2 * models];
        new Deltas(inputs).eachTile(from, to, (deltas, _, count) -> {
            for (int i = 0; i < count; i++) {
                int changes = 0;
                for (float[] delta : deltas) {
                    changes += isChange(delta[i], epsilon) ? 1 : 0;
                }
                for (int model = 0; model < models; model++) {
                    if (isChange(deltas[model][i], epsilon)) {
                        counts[changes > 1 ? models + model : model]++;
                    }
                }
            }
        });
        return counts;
    }
}
