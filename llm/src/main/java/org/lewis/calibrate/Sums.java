package org.lewis.calibrate;

import org.bytedeco.pytorch.Tensor;
import org.lewis.forward.Device;
import org.lewis.forward.Tensors;

/// What grows for one linear while sequences pass. A sequence's share is rounded to float32, and the sums are float64:
/// see [PackMerge]. Shares are computed on the thread that the sequence runs on, and added in the order of sequences.
interface Sums {

    /// Where the model computes.
    static Sums on(Device device, int features) {
        return switch (device) {
            case CPU -> new InMemory(features);
            case CUDA -> new DeviceSums(features);
        };
    }

    /// A share that was computed.
    @FunctionalInterface
    interface Share {

        /// Adds it to the sums that it is of.
        void add();
    }

    /// @param input `[tokens, features]` of one sequence
    Share ofInput(Tensor input);

    /// @param output `[tokens, out]` of one sequence
    Share ofOutput(Tensor output);

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
        public Share ofInput(Tensor input) {
            Moments moments = Moments.of(Tensors.view(input));
            float norm = moments.norm();
            long rows = input.size(0);
            return () -> {
                for (int i = 0; i < squares.length; i++) {
                    squares[i] += moments.squares()[i];
                    magnitudes[i] += moments.magnitudes()[i];
                }
                inputNorms += norm;
                tokens += rows;
            };
        }

        @Override
        public Share ofOutput(Tensor output) {
            float norm = Moments.norm(Tensors.view(output));
            return () -> outputNorms += norm;
        }

        @Override
        public Totals finish() {
            return new Totals(squares, magnitudes, inputNorms, outputNorms, tokens);
        }
    }
}
