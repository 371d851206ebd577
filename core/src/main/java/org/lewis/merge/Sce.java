package org.lewis.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lewis.kernel.Arithmetic;
import org.lewis.kernel.Consensus;
import org.lewis.kernel.Masks;
import org.lewis.kernel.Products;
import org.lewis.merge.Parameter.Scope;

/// Select, calculate, erase: keeps the entries in which the models differ most, weights each model by the squares
/// of what is left of it, and merges those that agree with the elected sign.
///
/// @see <a href="https://arxiv.org/abs/2408.07990">Wan et al. 2024, FuseChat, section 3.3</a>
final class Sce implements Method {

    private static final Parameter SELECT_TOPK = Parameter.number(
                    "select_topk",
                    Scope.MERGE,
                    "a number in (0, 1]",
                    value -> value > 0 && value <= 1,
                    "share of the entries to keep, of those that differ between the models at all")
            .or(1);

    /// Of each thread, used again for each tile.
    private record Scratch(float[] mean, float[] variances, int[] masks) {}

    private static final ThreadLocal<Scratch> ARRAYS =
            ThreadLocal.withInitial(() -> new Scratch(new float[Tile.SIZE], new float[Tile.SIZE], new int[Tile.SIZE]));

    @Override
    public Description description() {
        List<Parameter> parameters = new ArrayList<>(List.of(SELECT_TOPK, Parameter.int8Mask()));
        parameters.addAll(LayerScaling.PARAMETERS);
        return new Description(
                "sce",
                "the entries in which models differ most, weighted by how far each moved, where signs agree",
                "B + sum(w_i*s_i) / sum(w_i) over the models where s_i has the sign of sum(s_i), s_i = d_i where the"
                        + " variance over the models is among the select_topk largest, w_i = |s_i|^2",
                "arXiv:2408.07990",
                Demands.anyWithBase(),
                parameters);
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        Selected selected = Selected.of(inputs, settings.of(SELECT_TOPK), crew);
        float[] weights = selected.weights();
        float factor = (float) LayerScaling.factor(settings);
        float[] ballots = new float[inputs.models()];
        Arrays.fill(ballots, 1);
        return tile -> {
            for (float[] model : tile.models()) {
                Arithmetic.subtract(model, tile.base(), tile.count());
                selected.entries().apply(model, tile.from(), tile.count());
            }
            Consensus.merge(tile.models(), ballots, weights, true, tile.count(), tile.scratch(), tile.target());
            Arithmetic.scale(tile.target(), factor, tile.count());
            Arithmetic.addTo(tile.base(), tile.target(), tile.count());
        };
    }

    /// The entries in which models differ most, and what each model's weigh.
    private record Selected(Sparsity entries, float[] weights) {

        static Selected of(Inputs inputs, double share, Crew crew) {
            if (share == 1) {
                return new Selected(Sparsity.NONE, weights(inputs, crew, (_, _, _) -> {}));
            }
            Remembered mask = Remembered.of(inputs.elements());
            Sparsity trim = trim(inputs, share, crew);
            float[] weights = weights(inputs, crew, (deltas, from, count) -> {
                int[] masks = decide(trim, deltas, from, count);
                mask.note(masks, from);
                for (float[] delta : deltas) {
                    Masks.keep(delta, 0, masks, count);
                }
            });
            return new Selected(mask, weights);
        }

        /// By the variances of the entries.
        private static Sparsity trim(Inputs inputs, double share, Crew crew) {
            TaskVector variances =
                    Scores.vector(inputs, (deltas, _, count, target) -> variances(deltas, count, target));
            return new Selection(variances, crew)
                    .largestOfNonZero(share)
                    .<Sparsity>map(trim -> trim)
                    .orElse((values, _, count) -> Arrays.fill(values, 0, count, 0));
        }

        private static int[] decide(Sparsity trim, float[][] deltas, long from, int count) {
            Scratch scratch = ARRAYS.get();
            variances(deltas, count, scratch.variances());
            trim.apply(scratch.variances(), from, count);
            Masks.ofNonZero(scratch.variances(), count, scratch.masks());
            return scratch.masks();
        }

        /// The sums of squares of what is kept, divided by their sum; all alike when there is nothing.
        ///
        /// @param select sets to zero what is not kept
        private static float[] weights(Inputs inputs, Crew crew, Deltas.TileVisitor select) {
            int models = inputs.models();
            List<double[]> chunks = crew.mapChunks(inputs.elements(), (from, to) -> {
                double[] squares = new double[models];
                new Deltas(inputs).eachTile(from, to, (deltas, at, count) -> {
                    select.visit(deltas, at, count);
                    for (int model = 0; model < models; model++) {
                        squares[model] += Products.dot(deltas[model], deltas[model], 0, count);
                    }
                });
                return squares;
            });
            double[] squares = new double[models];
            for (double[] chunk : chunks) {
                Arrays.setAll(squares, model -> squares[model] + chunk[model]);
            }
            double total = Arrays.stream(squares).sum();
            float[] weights = new float[models];
            for (int model = 0; model < models; model++) {
                weights[model] = total == 0 ? 1f / models : (float) (squares[model] / total);
            }
            return weights;
        }
    }

    /// In float32, one model after the other, so that each loop becomes vector code; of equal values exactly 0.
    private static void variances(float[][] deltas, int count, float[] target) {
        float share = 1f / deltas.length;
        float[] mean = ARRAYS.get().mean();
        System.arraycopy(deltas[0], 0, mean, 0, count);
        for (int model = 1; model < deltas.length; model++) {
            addToMean(mean, deltas[model], deltas[0], share, count);
        }
        Arrays.fill(target, 0, count, 0);
        for (float[] delta : deltas) {
            addSquares(target, delta, mean, share, count);
        }
    }

    private static void addToMean(float[] mean, float[] delta, float[] first, float share, int count) {
        for (int i = 0; i < count; i++) {
            mean[i] += (delta[i] - first[i]) * share;
        }
    }

    private static void addSquares(float[] target, float[] delta, float[] mean, float share, int count) {
        for (int i = 0; i < count; i++) {
            float away = delta[i] - mean[i];
            target[i] += away * away * share;
        }
    }
}
