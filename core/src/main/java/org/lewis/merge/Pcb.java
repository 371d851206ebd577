package org.lewis.merge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.kernel.Arithmetic;
import org.lewis.kernel.ScoredMean;

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
        ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(() -> Scratch.of(models));
        return tile -> {
            Scratch scratch = scratches.get();
            for (float[] model : tile.models()) {
                Arithmetic.subtract(model, tile.base(), tile.count());
            }
            for (int model = 0; model < models; model++) {
                balance.scores(tile.models(), model, tile.count(), scratch.scores()[model]);
                trims.get(model).apply(scratch.scores()[model], tile.from(), tile.count());
            }
            ScoredMean.of(
                    tile.models(), weights, scratch.scores(), factor, tile.count(), scratch.mean(), tile.target());
            Arithmetic.addTo(tile.base(), tile.target(), tile.count());
        };
    }

    /// Arrays to merge a tile with.
    private record Scratch(float[][] scores, ScoredMean.Scratch mean) {

        static Scratch of(int models) {
            return new Scratch(new float[models][Tile.SIZE], ScoredMean.Scratch.of(Tile.SIZE));
        }
    }
}
