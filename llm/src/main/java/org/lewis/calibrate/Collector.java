package org.lewis.calibrate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.bytedeco.pytorch.Tensor;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.forward.Device;
import org.lewis.forward.Tap;
import org.lewis.forward.Tensors;
import org.lewis.forward.Weights;
import org.lewis.model.Decoder;

/// Adds up statistics while sequences pass one block after the other.
final class Collector implements AutoCloseable {

    private final int samples;
    private final PackInfo.Gram gram;
    private final Device device;
    private final Map<String, Sums> growing = new LinkedHashMap<>(); // of the block at work
    private final Map<String, LinearStatistics> byWeight = new LinkedHashMap<>();
    private final Map<String, GramMatrix> grams = new LinkedHashMap<>();
    private final Queue<List<Sums.Share>> passing = new ArrayDeque<>();
    private Map<String, String> firsts = Map.of();

    /// @param device where the model computes
    Collector(int samples, PackInfo.Gram gram, Device device) {
        this.samples = samples;
        this.gram = gram;
        this.device = device;
    }

    /// Begins a block.
    void enter(Decoder.Block block) {
        block.linears().forEach(linear -> growing.put(linear.weight(), Sums.on(device, linear.in())));
        firsts = InputGroups.firsts(block);
    }

    /// A tap for one sequence through the block. Of linears that read the same tensor the first one takes its sums.
    Tap tap() {
        List<Sums.Share> shares = new ArrayList<>();
        passing.add(shares);
        return (linear, input, output) -> {
            Sums sums = growing.get(linear.weight());
            shares.add(sums.ofOutput(output));
            if (firsts.get(linear.weight()).equals(linear.weight())) {
                shares.add(sums.ofInput(input));
                if (gram == PackInfo.Gram.FULL) {
                    grams.computeIfAbsent(linear.weight(), _ -> GramMatrix.beside(input))
                            .add(input);
                }
            }
        };
    }

    /// Whether several taps may see their sequences side by side. A Gram matrix is added up in place, in float32.
    boolean isConcurrent() {
        return gram == PackInfo.Gram.DIAGONAL;
    }

    /// Adds what was seen of the first sequence that has not been added yet.
    void passed() {
        passing.remove().forEach(Sums.Share::add);
    }

    /// Takes what depends on the block's weights, and checks the sums.
    ///
    /// @throws CheckpointException when the model computes NaN or infinities
    void weigh(Decoder.Block block, Weights weights) throws CheckpointException {
        Map<String, Sums.Totals> totals = new HashMap<>();
        growing.forEach((weight, sums) -> totals.put(weight, sums.finish()));
        growing.clear();
        for (Decoder.Linear linear : block.linears()) {
            Sums.Totals inputs = totals.get(firsts.get(linear.weight()));
            double outputNorms = totals.get(linear.weight()).outputNorms();
            try {
                byWeight.put(linear.weight(), statistics(inputs, outputNorms, squares(linear, weights)));
            } catch (IllegalArgumentException e) {
                throw new CheckpointException(linear.weight()
                        + ": the model computes NaN or infinities here on the calibration text, so no importance can be"
                        + " told");
            }
        }
    }

    private static double[] squares(Decoder.Linear linear, Weights weights) {
        Tensor stored = weights.get(linear.weight());
        Tensor weight = linear.layout() == Decoder.Linear.Layout.OUT_IN ? stored : stored.t();
        float[] squares = Moments.squares(Tensors.view(weight));
        double[] wide = new double[squares.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = squares[i];
        }
        return wide;
    }

    private LinearStatistics statistics(Sums.Totals inputs, double outputNorms, double[] weightSquares) {
        return new LinearStatistics(
                inputs.squares(),
                inputs.magnitudes(),
                weightSquares,
                inputs.inputNorms(),
                outputNorms,
                inputs.tokens(),
                samples);
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

    /// Of a linear of a block that was weighed.
    LinearStatistics of(Decoder.Linear linear) {
        return byWeight.get(linear.weight());
    }

    /// Everything so far.
    Map<String, LinearStatistics> finish() {
        return byWeight;
    }

    @Override
    public void close() {
        growing.values().forEach(Sums::finish);
        leave();
    }
}
