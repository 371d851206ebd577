package org.lewis.forward;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.lewis.model.Decoder;
import org.lewis.model.Decoder.Pairing;
import org.lewis.model.Decoder.Position.Rotary;
import org.lewis.model.Scaling;

/// Rotary positions of one pass: the cosines and sines of its positions.
///
/// Frequencies and angles are rounded to float32 where transformers' `modeling_rope_utils.py` rounds them.
///
/// @param cosines `[rows or 1, 1, tokens, width / 2]`
record Rotation(Tensor cosines, Tensor sines, int width, Pairing pairing) {

    /// @param positions one row per sequence, or one for all
    /// @param length    positions that the longest sequence spans
    static Rotation of(Rotary rotary, int[][] positions, int length, Placement placement) {
        float[] frequencies = frequencies(rotary, length);
        double amplitude = amplitude(rotary.scaling());
        int tokens = positions[0].length;
        int half = frequencies.length;
        float[] cosines = new float[positions.length * tokens * half];
        float[] sines = new float[cosines.length];
        int at = 0;
        for (int[] row : positions) {
            for (int position : row) {
                for (float frequency : frequencies) {
                    float angle = position * frequency;
                    cosines[at] = (float) (Math.cos(angle) * amplitude);
                    sines[at++] = (float) (Math.sin(angle) * amplitude);
                }
            }
        }
        long[] shape = {positions.length, 1, tokens, half};
        return new Rotation(
                Torch.scoped(() -> placement.convert(Torch.floats(cosines, shape))),
                Torch.scoped(() -> placement.convert(Torch.floats(sines, shape))),
                rotary.width(),
                rotary.pairing());
    }

    /// @param heads `[rows, heads, tokens, head width]`
    Tensor turn(Tensor heads) {
        long headWidth = heads.size(-1);
        Tensor turning = width == headWidth ? heads : heads.narrow(-1, 0, width);
        Tensor turned = switch (pairing) {
            case HALVES -> {
                Tensor x = turning.narrow(-1, 0, width / 2);
                Tensor y = turning.narrow(-1, width / 2, width / 2);
                yield torch.cat(new TensorVector(first(x, y), second(x, y)), -1);
            }
            case NEIGHBOURS -> {
                Tensor pairs = turning.unflatten(-1, width / 2, 2);
                Tensor x = pairs.select(-1, 0);
                Tensor y = pairs.select(-1, 1);
                yield torch.stack(new TensorVector(first(x, y), second(x, y)), -1)
                        .flatten(-2, -1);
            }
        };
        return width == headWidth
                ? turned
                : torch.cat(new TensorVector(turned, heads.narrow(-1, width, headWidth - width)), -1);
    }

    private Tensor first(Tensor x, Tensor y) {
        return x.mul(cosines).sub(y.mul(sines));
    }

    private Tensor second(Tensor x, Tensor y) {
        return y.mul(cosines).add(x.mul(sines));
    }

    /// Radians per position of each pair of features.
    static float[] frequencies(Rotary rotary, int length) {
        return switch (rotary.scaling()) {
            case Scaling.None _ -> plain(rotary.theta(), rotary.width());
            case Scaling.Linear(double factor) -> divided(plain(rotary.theta(), rotary.width()), factor);
            case Scaling.Dynamic(double factor, int trained) -> {
                double stretch = factor * Math.max(length, trained) / trained - (factor - 1);
                double exponent = rotary.width() / (rotary.width() - 2.0);
                yield plain(rotary.theta() * Math.pow(stretch, exponent), rotary.width());
            }
            case Scaling.ByWavelength byWavelength -> byWavelength(rotary, byWavelength);
            case Scaling.Yarn yarn -> yarn(rotary, yarn);
            case Scaling.PerFrequency(var within, var beyond, int trained, var _) ->
                divided(plain(rotary.theta(), rotary.width()), length > trained ? beyond : within);
        };
    }

    private static double amplitude(Scaling scaling) {
        return switch (scaling) {
            case Scaling.Yarn yarn -> yarn.amplitude();
            case Scaling.PerFrequency perFrequency -> perFrequency.amplitude();
            case Scaling.None _, Scaling.Linear _, Scaling.Dynamic _, Scaling.ByWavelength _ -> 1;
        };
    }

    private static float[] plain(double theta, int width) {
        float[] frequencies = new float[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1 / (float) Math.pow(theta, 2f * i / width);
        }
        return frequencies;
    }

    private static float[] divided(float[] frequencies, double factor) {
        float[] divided = frequencies.clone();
        for (int i = 0; i < divided.length; i++) {
            divided[i] = (float) (divided[i] / factor);
        }
        return divided;
    }

    private static float[] divided(float[] frequencies, List<Double> factors) {
        float[] divided = frequencies.clone();
        for (int i = 0; i < divided.length; i++) {
            divided[i] = (float) (divided[i] / factors.get(i));
        }
        return divided;
    }

    private static float[] byWavelength(Rotary rotary, Scaling.ByWavelength scaling) {
        float[] frequencies = plain(rotary.theta(), rotary.width());
        for (int i = 0; i < frequencies.length; i++) {
            double fitting = scaling.trained() * frequencies[i] / (2 * Math.PI); // waves within the trained context
            double kept = Math.clamp((fitting - scaling.low()) / (scaling.high() - scaling.low()), 0, 1);
            frequencies[i] = (float) ((1 - kept) * frequencies[i] / scaling.factor() + kept * frequencies[i]);
        }
        return frequencies;
    }

    private static float[] yarn(Rotary rotary, Scaling.Yarn scaling) {
        double from = turning(rotary, scaling.fast(), scaling.trained());
        double to = turning(rotary, scaling.slow(), scaling.trained());
        if (scaling.truncated()) {
            from = Math.floor(from);
            to = Math.ceil(to);
        }
        from = Math.max(from, 0);
        to = Math.min(to, rotary.width() - 1);
        double span = from == to ? 0.001 : to - from;
        float[] frequencies = plain(rotary.theta(), rotary.width());
        for (int i = 0; i < frequencies.length; i++) {
            double stretched = Math.clamp((i - from) / span, 0, 1);
            frequencies[i] = (float) (stretched * frequencies[i] / scaling.factor() + (1 - stretched) * frequencies[i]);
        }
        return frequencies;
    }

    /// The frequency, as a real index, that turns so many times within the trained context.
    private static double turning(Rotary rotary, double turns, int trained) {
        return rotary.width() * Math.log(trained / (turns * 2 * Math.PI)) / (2 * Math.log(rotary.theta()));
    }

    /// Whether sequences of these lengths turn their tokens alike in every block.
    static boolean isSteady(Decoder decoder, int from, int to) {
        return from == to
                || decoder.blocks().stream()
                        .map(block -> block.attention().work())
                        .flatMap(work -> work instanceof Decoder.Attention attention
                                        && attention.position() instanceof Rotary rotary
                                ? Stream.of(rotary)
                                : Stream.empty())
                        .distinct()
                        .allMatch(rotary -> isSteady(rotary, from, to));
    }

    /// Whether a sequence that grows keeps the frequencies that its first tokens were turned with.
    static boolean isSteady(Rotary rotary, int from, int to) {
        return Arrays.equals(frequencies(rotary, from), frequencies(rotary, to));
    }
}
