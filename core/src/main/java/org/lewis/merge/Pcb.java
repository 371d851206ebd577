package org.lewis.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.kernel.Arithmetic;

/// Parameter competition balancing: every entry of every task vector gets a score, from its size within its own
/// task and from how it goes along with the other tasks; the lowest are dropped, the rest averaged by score.
///
/// Normalizing is stretching to `[0, 1]`, as in the paper's code. The paper does it, and ranks, over all tensors of a
/// model, which is a matter of semantics here.
///
/// @see <a href="https://arxiv.org/abs/2410.02396">Du et al. 2024, section 3.2</a>
/// @param known what scores are computed with when whole models are normalized and known; else empty
/// @param quotas what stays of each tensor then
record Pcb(Optional<Balance> known, Map<String, List<WholeTrim.Quota>> quotas) implements Method {

    Pcb() {
        this(Optional.empty(), Map.of());
    }

    private static final Parameter WEIGHT = Parameter.weight();
    private static final Parameter DENSITY = Parameter.density(0.2);
    private static final Parameter LAMBDA = Parameter.lambda();

    @Override
    public Description description() {
        List<Parameter> parameters = new ArrayList<>(List.of(WEIGHT, DENSITY, LAMBDA));
        parameters.addAll(LayerScaling.PARAMETERS);
        return new Description(
                "pcb",
                "task vectors averaged entry by entry, by scores of their size and of their agreement",
                "B + lambda * sum(b_i*w_i*d_i) / sum(b_i), b_i = softmax(N * norm(d_i*d_i)) *"
                    + " sum_j(softmax(norm(d_i*d_j))) where it is among the density*n largest, else 0, norm from the"
                    + " least at 0 to the most at 1",
                "arXiv:2410.02396",
                Demands.anyWithBase(),
                parameters);
    }

    @Override
    public boolean hasPaperSemantics() {
        return true;
    }

    @Override
    public boolean needsWholeModels(Semantics semantics) {
        return semantics == Semantics.PAPER;
    }

    @Override
    public void checkTogether(List<Settings> all) {
        if (!all.isEmpty()) {
            WholeTrim.densities(all, DENSITY);
        }
    }

    @Override
    public Pcb knowing(WholeModels models) {
        List<Double> densities = WholeTrim.densities(models.each((_, settings, _) -> settings), DENSITY);
        Balance balance = Balance.of(models, densities.size());
        return new Pcb(Optional.of(balance), new WholeTrim(models, balance::vector).quotas(densities));
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        boolean whole = needsWholeModels(settings.semantics());
        WholeModels.requireKnown(known.isPresent() || !whole, settings);
        Balance balance = whole ? known.get() : Balance.of(WholeModels.of(inputs, settings, crew), inputs.models());
        int models = inputs.models();
        List<Sparsity> trims = new ArrayList<>();
        for (int i = 0; i < models; i++) {
            TaskVector scores = balance.vector(inputs, i);
            trims.add(
                    whole
                            ? WholeTrim.quota(quotas, settings, i).of(scores, crew)
                            : Trim.toLargest(scores, settings.of(DENSITY, i), crew));
        }
        float[] weights = settings.ofEach(WEIGHT);
        float factor = (float) (settings.of(LAMBDA) * LayerScaling.factor(settings));
        return tile -> {
            float[][] scores = new float[models][tile.count()];
            for (float[] model : tile.models()) {
                Arithmetic.subtract(model, tile.base(), tile.count());
            }
            for (int model = 0; model < models; model++) {
                balance.scores(tile.models(), model, tile.count(), scores[model]);
                trims.get(model).apply(scores[model], tile.from(), tile.count());
            }
            for (int i = 0; i < tile.count(); i++) {
                tile.target()[i] = factor * mean(tile.models(), scores, weights, i);
            }
            Arithmetic.addTo(tile.base(), tile.target(), tile.count());
        };
    }

    /// The mean by score; what only one model keeps is taken as it is, and a NaN however it scores.
    private static float mean(float[][] deltas, float[][] scores, float[] weights, int i) {
        double sum = 0;
        double total = 0;
        int kept = 0;
        int last = 0;
        for (int model = 0; model < weights.length; model++) {
            float delta = deltas[model][i];
            if (!Float.isFinite(delta)) {
                return Float.NaN;
            }
            if (scores[model][i] != 0) {
                sum += (double) scores[model][i] * weights[model] * delta;
                total += scores[model][i];
                kept++;
                last = model;
            }
        }
        return kept == 1 ? weights[last] * deltas[last][i] : kept == 0 ? 0 : (float) (sum / total);
    }

    /// What scores are computed with: for each pair of models the least and most product of two entries, and what the
    /// exponentials of the stretched products are on average.
    ///
    /// @param own of the products of each model with itself, times the number of models
    record Balance(double[][] least, double[][] most, double[][] pairs, double[] own) {

        static Balance of(WholeModels all, int models) {
            Balance balance = new Balance(
                    filled(models, Double.POSITIVE_INFINITY),
                    filled(models, Double.NEGATIVE_INFINITY),
                    new double[models][models],
                    new double[models]);
            all.each((inputs, _, crew) -> crew.mapChunks(inputs.elements(), (from, to) -> range(inputs, from, to)))
                    .forEach(chunks -> chunks.forEach(balance::widen));
            List<List<double[][]>> sums = all.each((inputs, _, crew) ->
                    crew.mapChunks(inputs.elements(), (from, to) -> balance.exponentials(inputs, from, to)));
            double elements = all.each((inputs, _, _) -> inputs.elements()).stream()
                    .mapToDouble(count -> count)
                    .sum();
            sums.forEach(chunks -> chunks.forEach(chunk -> balance.add(chunk, elements)));
            return balance;
        }

        private void add(double[][] exponentials, double elements) {
            for (int i = 0; i < own.length; i++) {
                own[i] += exponentials[own.length][i] / elements;
                for (int j = 0; j < own.length; j++) {
                    pairs[i][j] += exponentials[i][j] / elements;
                }
            }
        }

        /// The scores of one model's entries, as numbers to be ranked.
        TaskVector vector(Inputs inputs, int model) {
            return Scores.vector(inputs, (deltas, _, count, target) -> scores(deltas, model, count, target));
        }

        private static double[][] filled(int size, double value) {
            double[][] filled = new double[size][size];
            for (double[] row : filled) {
                Arrays.fill(row, value);
            }
            return filled;
        }

        /// The least products, then the most.
        private static double[][][] range(Inputs inputs, long from, long to) {
            int models = inputs.models();
            double[][] least = filled(models, Double.POSITIVE_INFINITY);
            double[][] most = filled(models, Double.NEGATIVE_INFINITY);
            new Deltas(inputs).eachTile(from, to, (deltas, _, count) -> {
                for (int i = 0; i < models; i++) {
                    for (int j = 0; j < models; j++) {
                        for (int at = 0; at < count; at++) {
                            double product = (double) deltas[i][at] * deltas[j][at];
                            if (Double.isFinite(product)) {
                                least[i][j] = Math.min(least[i][j], product);
                                most[i][j] = Math.max(most[i][j], product);
                            }
                        }
                    }
                }
            });
            return new double[][][] {least, most};
        }

        private void widen(double[][][] range) {
            for (int i = 0; i < own.length; i++) {
                for (int j = 0; j < own.length; j++) {
                    least[i][j] = Math.min(least[i][j], range[0][i][j]);
                    most[i][j] = Math.max(most[i][j], range[1][i][j]);
                }
            }
        }

        /// The sums for each pair, and in the last row those of each model's own.
        private double[][] exponentials(Inputs inputs, long from, long to) {
            int models = own.length;
            double[][] sums = new double[models + 1][models];
            new Deltas(inputs).eachTile(from, to, (deltas, _, count) -> {
                for (int i = 0; i < models; i++) {
                    for (int j = 0; j < models; j++) {
                        for (int at = 0; at < count; at++) {
                            double stretched = stretched(deltas, i, j, at);
                            if (Double.isFinite(stretched)) {
                                sums[i][j] += Math.exp(stretched);
                                sums[models][i] += i == j ? Math.exp(models * stretched) : 0;
                            }
                        }
                    }
                }
            });
            return sums;
        }

        private double stretched(float[][] deltas, int i, int j, int at) {
            double product = (double) deltas[i][at] * deltas[j][at];
            double range = most[i][j] - least[i][j];
            return range > 0 ? (product - least[i][j]) / range : product * 0;
        }

        /// The scores of one model's entries, all times the same: softmax is taken with means in place of sums.
        void scores(float[][] deltas, int model, int count, float[] target) {
            for (int at = 0; at < count; at++) {
                double between = 0;
                for (int j = 0; j < own.length; j++) {
                    between += Math.exp(stretched(deltas, model, j, at)) / pairs[model][j];
                }
                double within = Math.exp(own.length * stretched(deltas, model, model, at)) / own[model];
                target[at] = (float) (within * between);
            }
        }
    }
}
