package org.lewis.forward;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.kernel.Draws;

/// Chooses the next token of each row by a [Sampling].
final class TokenChoice {

    private TokenChoice() {}

    /// @param logits float32 `[rows, vocabulary]`
    /// @param active by row, which prompt it continues
    /// @param index  how many tokens each row has already
    /// @return by row
    static int[] choose(Sampling sampling, Tensor logits, int[] active, int index) {
        Tensor chosen = switch (sampling) {
            case Sampling.Greedy() -> logits.argmax(new LongOptional(-1), false);
            case Sampling.Nucleus nucleus -> draw(nucleus, logits.cpu(), draws(nucleus, active, index));
        };
        return Arrays.stream(Tensors.memory(chosen).toArray(ValueLayout.JAVA_LONG))
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /// @param logits on the CPU
    /// @param draws  by row, in [0, 1)
    private static Tensor draw(Sampling.Nucleus nucleus, Tensor logits, double[] draws) {
        Tensor probabilities = logits.to(ScalarType.Double)
                .div(new Scalar(nucleus.temperature()))
                .softmax(-1);
        T_TensorTensor_T sorted = torch.sort(probabilities, new BoolOptional(true), -1, true);
        Tensor descending = sorted.get0();
        // A token is in while those before it do not reach topP; the first always is.
        Tensor before = descending.cumsum(-1).sub(descending);
        Tensor kept = descending.mul(before.lt(new Scalar(nucleus.topP())).to(ScalarType.Double));
        Tensor sums = kept.cumsum(-1);
        Tensor total = sums.narrow(-1, sums.size(-1) - 1, 1);
        Tensor target = Torch.doubles(draws, draws.length, 1).mul(total);
        Tensor place = sums.le(target).sum(new long[] {-1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
        return sorted.get1().gather(-1, place).squeeze(-1);
    }

    private static double[] draws(Sampling.Nucleus nucleus, int[] active, int index) {
        int[] draw = new int[1];
        return Arrays.stream(active)
                .mapToDouble(prompt -> {
                    Draws.draw(nucleus.keys().get(prompt), index, draw, 1);
                    return Integer.toUnsignedLong(draw[0]) / 0x1p32;
                })
                .toArray();
    }
}
