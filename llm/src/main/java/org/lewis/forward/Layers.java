package org.lewis.forward;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.model.Decoder;

/// The leaves of a decoder at work: linears, norms, tables and activations, with the weights of one part.
final class Layers {

    private final Weights weights;
    private final Tap tap;

    Layers(Weights weights, Tap tap) {
        this.weights = weights;
        this.tap = tap;
    }

    Placement placement() {
        return weights.placement();
    }

    ScalarType scalarType() {
        return weights.placement().type();
    }

    /// `x W^T + b`, shown to the tap.
    ///
    /// @param input `[..., in]`
    /// @return `[..., out]`
    Tensor apply(Decoder.Linear linear, Tensor input) {
        Tensor output = tap.skips(linear) ? nothing(linear, input) : product(linear, input);
        if (!tap.equals(Tap.NONE)) {
            tap.linear(linear, input.reshape(-1, linear.in()), output.reshape(-1, linear.out()));
        }
        return output;
    }

    private static Tensor nothing(Decoder.Linear linear, Tensor input) {
        long[] shape = new long[Math.toIntExact(input.dim())];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = i == shape.length - 1 ? linear.out() : input.size(i);
        }
        return input.new_zeros(shape);
    }

    private Tensor product(Decoder.Linear linear, Tensor input) {
        Tensor weight = weights.get(linear.weight());
        return switch (linear.layout()) {
            case OUT_IN ->
                linear.bias()
                        .map(bias -> torch.linear(input, weight, new TensorOptional(weights.get(bias))))
                        .orElseGet(() -> torch.linear(input, weight));
            case IN_OUT -> {
                Tensor product = torch.matmul(input, weight);
                linear.bias().ifPresent(bias -> product.add_(weights.get(bias)));
                yield product;
            }
        };
    }

    /// Products with every row of a table.
    ///
    /// @param input `[..., width]`
    /// @return `[..., rows]`
    Tensor project(Decoder.Table table, Tensor input) {
        return torch.linear(input, weights.get(table.tensor()));
    }

    /// Rows of a table.
    ///
    /// @param indices int64 of any shape, on the CPU as the stored table is
    /// @return the shape with `[width]` appended, in the model's precision
    Tensor lookup(Decoder.Table table, Tensor indices) {
        return weights.placement().convert(torch.embedding(weights.stored(table.tensor()), indices));
    }

    /// Over the last axis, with statistics in float32.
    Tensor normalize(Decoder.Norm norm, Tensor input) {
        return switch (norm) {
            case Decoder.Norm.None _ -> input;
            case Decoder.Norm.Rms rms -> rms(rms, input);
            case Decoder.Norm.Layer(var weight, var bias, int width, double eps) ->
                torch.layer_norm(
                        input,
                        new long[] {width},
                        new TensorOptional(weights.get(weight)),
                        bias.map(name -> new TensorOptional(weights.get(name))).orElseGet(TensorOptional::new),
                        eps,
                        false);
        };
    }

    /// A weight that is stored less one joins before the result is rounded to the model's precision, any other after;
    /// so do the reference implementations.
    private Tensor rms(Decoder.Norm.Rms rms, Tensor input) {
        Tensor wide = input.to(ScalarType.Float);
        Tensor meanSquare = wide.square().mean(new long[] {-1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
        Tensor unit = wide.mul(meanSquare.add_(new Scalar(rms.eps())).rsqrt_());
        Tensor weight = weights.get(rms.weight());
        return rms.shift() == 0
                ? unit.to(scalarType()).mul_(weight)
                : unit.mul_(weight.to(ScalarType.Float).add(new Scalar(rms.shift())))
                        .to(scalarType());
    }

    static Tensor activate(Decoder.Activation activation, Tensor input) {
        return switch (activation) {
            case SILU -> torch.silu(input);
            case GELU -> torch.gelu(input);
            case GELU_TANH -> torch.gelu(input, "tanh");
            case RELU -> torch.relu(input);
        };
    }

    /// `cap * tanh(x / cap)`, or the input itself for an infinite cap.
    static Tensor softcap(double cap, Tensor input) {
        return Double.isInfinite(cap)
                ? input
                : input.div(new Scalar(cap)).tanh().mul(new Scalar(cap));
    }
}
