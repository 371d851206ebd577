package org.lewis.calibrate;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.forward.Tap;
import org.lewis.forward.Tensors;
import org.lewis.forward.Weights;
import org.lewis.model.Decoder;

/// Adds up statistics while sequences pass one block after the other. Asked for one tap per sequence and block.
///
/// A sequence's share in every sum is rounded to float32, and the sums are float64: see [PackMerge].
final class Collector implements AutoCloseable {

    private static final class Sums {
        private final double[] squares;
        private final double[] magnitudes;
        private double[] weightSquares;
        private double inputNorms;
        private double outputNorms;
        private long tokens;

        Sums(int features) {
            this.squares = new double[features];
            this.magnitudes = new double[features];
            this.weightSquares = new double[features];
        }

        void add(Moments input, Tensor output, long rows) {
            for (int i = 0; i < squares.length; i++) {
                squares[i] += input.squares()[i];
                magnitudes[i] += input.magnitudes()[i];
            }
            inputNorms += input.norm();
            outputNorms += Moments.norm(Tensors.view(output));
            tokens += rows;
        }
    }

    private final int samples;
    private final PackInfo.Gram gram;
    private final Map<String, Sums> byWeight = new LinkedHashMap<>();
    private final Map<String, GramMatrix> grams = new LinkedHashMap<>();
    private Map<String, String> firsts = Map.of();

    Collector(int samples, PackInfo.Gram gram) {
        this.samples = samples;
        this.gram = gram;
    }

    /// Begins a block.
    void enter(Decoder.Block block) {
        block.linears().forEach(linear -> byWeight.put(linear.weight(), new Sums(linear.in())));
        firsts = InputGroups.firsts(block);
    }

    /// A tap for one sequence through the block. Linears that read the same tensor share the work on it.
    Tap tap() {
        Map<Long, Moments> ofInput = new HashMap<>();
        return (linear, input, output) -> {
            Moments moments = ofInput.computeIfAbsent(input.data_ptr().address(), _ -> Moments.of(Tensors.view(input)));
            byWeight.get(linear.weight()).add(moments, output, input.size(0));
            if (gram == PackInfo.Gram.FULL && firsts.get(linear.weight()).equals(linear.weight())) {
                grams.computeIfAbsent(linear.weight(), _ -> new GramMatrix(linear.in()))
                        .add(input);
            }
        };
    }

    /// Takes what depends on the block's weights, and checks the sums.
    ///
    /// @throws CheckpointException when the model computes NaN or infinities
    void weigh(Decoder.Block block, Weights weights) throws CheckpointException {
        for (Decoder.Linear linear : block.linears()) {
            Tensor stored = weights.get(linear.weight());
            Tensor weight = linear.layout() == Decoder.Linear.Layout.OUT_IN ? stored : stored.t();
            float[] squares = Moments.squares(Tensors.view(weight));
            Sums sums = byWeight.get(linear.weight());
            for (int i = 0; i < squares.length; i++) {
                sums.weightSquares[i] = squares[i];
            }
            try {
                of(linear);
            } catch (IllegalArgumentException e) {
                throw new CheckpointException(linear.weight()
                        + ": the model computes NaN or infinities here on the calibration text, so no importance can be"
                        + " told");
            }
        }
    }

    /// The block's Gram matrices by the first linear of each group, float32 `[in, in]`.
    Map<String, GramMatrix> grams() {
        return grams;
    }

    /// Ends a block.
    void leave() {
        grams.values().forEach(GramMatrix::close);
        grams.clear();
    }

    LinearStatistics of(Decoder.Linear linear) {
        return statistics(byWeight.get(linear.weight()));
    }

    /// Everything so far.
    Map<String, LinearStatistics> finish() {
        Map<String, LinearStatistics> statistics = new LinkedHashMap<>();
        byWeight.forEach((weight, sums) -> statistics.put(weight, statistics(sums)));
        return statistics;
    }

    @Override
    public void close() {
        leave();
    }

    private LinearStatistics statistics(Sums sums) {
        return new LinearStatistics(
                sums.squares.clone(),
                sums.magnitudes.clone(),
                sums.weightSquares,
                sums.inputNorms,
                sums.outputNorms,
                sums.tokens,
                samples);
    }
}
