package org.lewis.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.kernel.Arithmetic;
import org.lewis.kernel.Consensus;
import org.lewis.merge.Parameter.Scope;

/// The family of `B + lambda * combined(sparsified(W_i - B))`: each method is a choice of how to sparsify the task
/// vectors and how to combine what is left.
///
/// @param density   default of the parameter of that name
/// @param normalize likewise
/// @param rescale   likewise
/// @param quotas    what stays of each tensor when whole models are trimmed; empty until they are known
record TaskVectorMethod(
        String name,
        Keep keep,
        Vote vote,
        double density,
        boolean normalize,
        boolean rescale,
        String source,
        Map<String, List<WholeTrim.Quota>> quotas)
        implements Method {

    TaskVectorMethod(
            String name, Keep keep, Vote vote, double density, boolean normalize, boolean rescale, String source) {
        this(name, keep, vote, density, normalize, rescale, source, Map.of());
    }

    /// Which entries of a task vector stay.
    enum Keep {
        ALL,
        LARGEST,
        RANDOM,
        /// The largest but for outliers.
        MIDDLE,
        /// A random share, larger entries with higher probability.
        RANKED
    }

    /// Whether the models elect a sign per entry.
    enum Vote {
        NONE,
        SIGN
    }

    static final Parameter WEIGHT = Parameter.weight();
    static final Parameter LAMBDA = Parameter.lambda();
    private static final Parameter GAMMA = Parameter.number(
                    "gamma",
                    Scope.MODEL,
                    "a number in [0, 1)",
                    value -> value >= 0 && value < 1,
                    "share of the task vector to drop from the top, the largest entries")
            .or(0.01);
    private static final Parameter EPSILON = Parameter.number(
                    "epsilon",
                    Scope.MODEL,
                    "a number in [0, 0.5)",
                    value -> value >= 0 && value < 0.5,
                    "how far the probabilities of the smallest and the largest entry of a row lie from the density")
            .or(0.15);

    @Override
    public Description description() {
        List<Parameter> parameters = new ArrayList<>(List.of(WEIGHT));
        parameters.addAll(
                switch (keep) {
                    case ALL -> List.of();
                    case LARGEST, RANDOM -> List.of(densityParameter(), rescaleParameter());
                    case MIDDLE -> List.of(densityParameter(), GAMMA, rescaleParameter());
                    case RANKED -> List.of(densityParameter(), EPSILON, rescaleParameter());
                });
        parameters.addAll(List.of(normalizeParameter(), LAMBDA, Parameter.int8Mask()));
        parameters.addAll(LayerScaling.PARAMETERS);
        return new Description(name, summary(), formula(), source, Demands.anyWithBase(), parameters);
    }

    private Parameter densityParameter() {
        return Parameter.density(density);
    }

    private Parameter normalizeParameter() {
        return Parameter.flag("normalize", normalize, "divide by the sum of the weights that take part in an entry");
    }

    private Parameter rescaleParameter() {
        return Parameter.flag("rescale", rescale, "make up for what was dropped from a task vector");
    }

    private String summary() {
        String kept = switch (keep) {
            case ALL -> "whole task vectors";
            case LARGEST -> "the largest entries of each task vector";
            case RANDOM -> "a random share of each task vector";
            case MIDDLE -> "the largest entries of each task vector, but for outliers";
            case RANKED -> "a random share of each task vector, larger entries with higher probability";
        };
        return switch (vote) {
            case NONE -> kept + ", weighted and added to the base";
            case SIGN -> kept + ", merged where they agree with the elected sign";
        };
    }

    private String formula() {
        String kept = switch (keep) {
            case ALL -> "s_i = d_i";
            case LARGEST -> "s_i = d_i where |d_i| is among the density*n largest of n";
            case RANDOM -> "s_i = d_i with probability density";
            case MIDDLE -> "s_i = d_i where |d_i| is among the density*n largest of n after the gamma*n largest of all";
            case RANKED ->
                "s_i = d_i with probability density - epsilon + 2*epsilon * (rank-1)/(columns-1), the rank that of"
                        + " |d_i| in its row from the smallest on";
        };
        return "B + lambda * sum(w_i*s_i) [/ sum(w_i)]"
                + switch (vote) {
                    case NONE -> "";
                    case SIGN -> " over the models where w_i*s_i has the sign of sum(w_i*s_i)";
                }
                + ", " + kept;
    }

    @Override
    public boolean hasPaperSemantics() {
        return true;
    }

    /// The code of TIES ranks all entries of a model, mergekit's those of each tensor.
    @Override
    public boolean needsWholeModels(Semantics semantics) {
        return semantics == Semantics.PAPER && keep == Keep.LARGEST;
    }

    @Override
    public void checkTogether(List<Settings> all) {
        if (!all.isEmpty()) {
            WholeTrim.densities(all, densityParameter());
        }
    }

    @Override
    public TaskVectorMethod knowing(WholeModels models) {
        List<Double> densities = WholeTrim.densities(models.each((_, settings, _) -> settings), densityParameter());
        return new TaskVectorMethod(
                name,
                keep,
                vote,
                density,
                normalize,
                rescale,
                source,
                new WholeTrim(models, TaskVector::new).quotas(densities));
    }

    @Override
    public boolean takesScales() {
        return switch (keep) {
            case ALL, LARGEST, RANDOM, MIDDLE -> true;
            case RANKED -> false;
        };
    }

    @Override
    public void check(Settings settings) {
        if (keep != Keep.RANKED) {
            return;
        }
        for (int model = 0; model < settings.models().size(); model++) {
            double density = settings.of(densityParameter(), model);
            double epsilon = settings.of(EPSILON, model);
            if (density < 1 && (density - epsilon <= 0 || density + epsilon >= 1)) {
                throw new IllegalArgumentException("probabilities go from density - epsilon to density + epsilon, which"
                        + " must lie between 0 and 1, found " + shown(density - epsilon) + " and "
                        + shown(density + epsilon) + " for model " + (model + 1) + "; choose an epsilon below "
                        + shown(Math.min(density, 1 - density)));
            }
        }
    }

    /// Without the dust of binary fractions.
    private static String shown(double number) {
        return String.valueOf((float) number);
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        Blend combined = combined(inputs, settings, crew);
        return tile -> {
            combined.blend(tile);
            addToBase(tile, settings);
        };
    }

    /// The merged task vector, not yet scaled by `lambda` and added to the base.
    Blend combined(Inputs inputs, Settings settings, Crew crew) {
        float[] weights = settings.ofEach(WEIGHT);
        List<Sparsity> sparsities = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            sparsities.add(sparsity(new TaskVector(inputs, i), settings, i, crew));
        }
        boolean mean = settings.is(normalizeParameter());
        return tile -> {
            for (int i = 0; i < weights.length; i++) {
                Arithmetic.subtract(tile.models()[i], tile.base(), tile.count());
                sparsities.get(i).apply(tile.models()[i], tile.from(), tile.count());
            }
            combine(tile, weights, mean);
        };
    }

    static void addToBase(Tile tile, Settings settings) {
        float factor = (float) (settings.of(LAMBDA) * LayerScaling.factor(settings));
        if (factor != 1) {
            Arithmetic.scale(tile.target(), factor, tile.count());
        }
        Arithmetic.addTo(tile.base(), tile.target(), tile.count());
    }

    private Sparsity sparsity(TaskVector vector, Settings settings, int model, Crew crew) {
        Optional<ColumnScales> scales = settings.guides().scalesOf(model);
        if (scales.isEmpty() && keep == Keep.ALL) {
            return Sparsity.NONE;
        }
        double share = scales.map(ColumnScales::density).orElseGet(() -> settings.of(densityParameter(), model));
        if (share == 1) {
            return Sparsity.NONE;
        }
        boolean rescaled = keep != Keep.ALL && settings.is(rescaleParameter());
        boolean paper = settings.semantics() == Semantics.PAPER;
        Sparsity drop = scales.map(own -> guided(vector, own, settings, model, crew))
                .orElseGet(() -> unguided(vector, share, settings, model, crew));
        if (!rescaled || (paper && keep == Keep.RANKED)) {
            return drop;
        }
        return paper && keep == Keep.RANDOM ? drop.scaled(1 / share) : drop.rescaled(vector, crew);
    }

    private Sparsity unguided(TaskVector vector, double share, Settings settings, int model, Crew crew) {
        boolean divided = settings.semantics() == Semantics.PAPER && settings.is(rescaleParameter());
        long key = settings.drawKeys().get(model);
        return switch (keep) {
            case ALL -> Sparsity.NONE;
            case LARGEST ->
                settings.semantics() == Semantics.PAPER
                        ? WholeTrim.quota(quotas, settings, model).of(vector, crew)
                        : Trim.toLargest(vector, share, crew);
            case MIDDLE -> Middle.of(vector, share, settings.of(GAMMA, model), crew);
            case RANDOM -> new UniformDrop(key, share);
            case RANKED ->
                divided
                        ? RankedDivision.of(vector, key, share, settings.of(EPSILON, model))
                        : RankedDrop.of(vector, key, share, settings.of(EPSILON, model), crew);
        };
    }

    /// Importance decides where otherwise chance would, or nothing be dropped at all.
    private Sparsity guided(TaskVector vector, ColumnScales scales, Settings settings, int model, Crew crew) {
        TaskVector ranked = scales.ranked(vector);
        Sparsity drop = switch (keep) {
            case ALL, LARGEST, RANDOM ->
                switch (scales.within()) {
                    case TENSOR -> Trim.toLargest(ranked, scales.density(), crew);
                    case OUTPUT -> OutputTrim.toLargest(ranked, scales.columns().outputs(), scales.density(), crew);
                };
            case MIDDLE -> Middle.of(ranked, scales.density(), settings.of(GAMMA, model), crew);
            case RANKED -> throw new IllegalArgumentException(name + " takes no scales of columns");
        };
        return scales.unscaled(vector, drop);
    }

    private void combine(Tile tile, float[] weights, boolean mean) {
        switch (vote) {
            case SIGN -> Consensus.merge(tile.models(), weights, mean, tile.count(), tile.scratch(), tile.target());
            case NONE -> {
                Arrays.fill(tile.target(), 0, tile.count(), 0);
                float total = 0;
                for (int i = 0; i < weights.length; i++) {
                    Arithmetic.addScaled(tile.target(), weights[i], tile.models()[i], tile.count());
                    total += weights[i];
                }
                if (mean && Math.abs(total) >= 1e-8f) {
                    Arithmetic.scale(tile.target(), 1 / total, tile.count());
                }
            }
        }
    }
}
