package org.lewis.calibrate;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.forward.Weights;
import org.lewis.model.Decoder;

/// Prunes a block's linears by Wanda: in each row the weights of smallest `|w_ij| * sqrt(mean squares_j)` become
/// zero. LEWIS's reference code does so between taking a block's norms and running the next block.
///
/// @param ratio share of each row that goes, rounded down to whole weights; of equal ones the first goes first
/// @see <a href="https://arxiv.org/abs/2306.11695">Sun et al. 2023, equation 1</a>
record WandaPruning(double ratio) {

    void prune(Decoder.Block block, Weights weights, Collector collector) {
        for (Decoder.Linear linear : block.linears()) {
            prune(linear, weights.writable(linear.weight()), collector.of(linear));
        }
    }

    private void prune(Decoder.Linear linear, Tensor stored, LinearStatistics statistics) {
        // Writes reach the stored tensor.
        Tensor weight = linear.layout() == Decoder.Linear.Layout.OUT_IN ? stored : stored.t();
        zeroSmallest(weight, statistics.meanSquares(), (int) (linear.in() * ratio));
    }

    /// @param weight `[out, in]`, changed in place
    /// @param count  weights of each row that become zero
    static void zeroSmallest(Tensor weight, double[] meanSquares, int count) {
        if (count > 0) {
            Tensor scale = torch.empty(new long[] {meanSquares.length}, new TensorOptions(ScalarType.Double), null);
            new DoublePointer(scale.data_ptr()).put(meanSquares);
            Tensor metric = weight.to(ScalarType.Float)
                    .abs()
                    .mul_(scale.to(weight.device(), ScalarType.Float).sqrt());
            Tensor order = torch.sort(metric, new BoolOptional(true), -1, false).get1();
            weight.scatter_(1, order.narrow(1, 0, count), new Scalar(0.0));
        }
    }
}
