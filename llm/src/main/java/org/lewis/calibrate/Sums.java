package org.lewis.calibrate;

import org.bytedeco.pytorch.Tensor;
import org.lewis.forward.Device;
import org.lewis.forward.Tensors;

/// What grows for one linear while sequences pass. A sequence's share is rounded to float32, and the sums are float64:
/// see [PackMerge].
interface Sums {

    /// Where the model computes.
    static Sums on(Device device, int features) {
        return switch (device) {
            case CPU -> new InMemory(features);
            case CUDA -> new DeviceSums(features);
        };
    }

    /// @param input `[tokens, features]` of one sequence
    void addInput(Tensor input);

    /// @param output `[tokens, out]` of one sequence
    void addOutput(Tensor output);

    /// Everything added so far; nothing is added after that.
    Totals finish();

    /// @param squares     of inputs, by feature
    /// @param magnitudes  of inputs, by feature
    /// @param inputNorms  sum over sequences
    /// @param outputNorms sum over sequences
    record Totals(double[] squares, double[] magnitudes, double inputNorms, double outputNorms, long tokens) {}

    /// Of tensors that Java can read.
    final class InMemory implements Sums {
        private final double[] squares;
        private final double[] magnitudes;
        private double inputNorms;
        private double outputNorms;
        private long tokens;

        InMemory(int features) {
            this.squares = new double[features];
            this.magnitudes = new double[features];
        }

        @Override
        public void addInput(Tensor input) {
            Moments moments = Moments.of(Tensors.view(input));
            for (int i = 0; i < squares.length; i++) {
                squares[i] += moments.squares()[i];
                magnitudes[i] += moments.magnitudes()[i];
            }
            inputNorms += moments.norm();
            tokens += input.size(0);
        }

        @Override
        public void addOutput(Tensor output) {
            outputNorms += Moments.norm(Tensors.view(output));
        }

        @Override
        public Totals finish() {
            return new Totals(squares, magnitudes, inputNorms, outputNorms, tokens);
        }
    }
}
