package org.lewis.forward;

import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.model.Decoder.Attention;
import org.lewis.model.Decoder.Heads;
import org.lewis.model.Decoder.Norm;
import org.lewis.model.Decoder.Position;
import org.lewis.model.Decoder.QkNorm;
import org.lewis.model.Decoder.Qkv;

/// The first branch of a block. Letters in shapes: B rows, T tokens, S tokens with those before, w width of a head.
final class AttentionLayer {

    private final Layers layers;
    private final Pass pass;
    private final Optional<KeyValueCache> cache;

    AttentionLayer(Layers layers, Pass pass, Optional<KeyValueCache> cache) {
        this.layers = layers;
        this.pass = pass;
        this.cache = cache;
    }

    /// Runs the branch without its norms.
    ///
    /// @param block counts blocks from 0, for the cache
    /// @param input `[B, T, width]`
    /// @return the same shape
    Tensor run(Attention attention, int block, Tensor input) {
        Projected projected = position(attention, normalize(attention, project(attention, input)));
        Projected all = cache.map(kept -> new Projected(
                        projected.query(),
                        kept.keys(block, pass, projected.key()),
                        kept.values(block, pass, projected.value())))
                .orElse(projected);
        Tensor mixed = isFused(attention) ? fused(attention, all) : stepwise(attention, all);
        return layers.apply(
                attention.out(),
                mixed.transpose(1, 2)
                        .reshape(pass.rows(), pass.tokens(), attention.out().in()));
    }

    /// @param query `[B, query heads, T, w]`
    /// @param key   `[B, key heads, S, w]`
    /// @param value `[B, key heads, S, w]`
    private record Projected(Tensor query, Tensor key, Tensor value) {}

    private Projected project(Attention attention, Tensor input) {
        Heads heads = attention.heads();
        return switch (attention.qkv()) {
            case Qkv.Split(var query, var key, var value) ->
                new Projected(
                        split(layers.apply(query, input), heads.queries()),
                        split(layers.apply(key, input), heads.keys()),
                        split(layers.apply(value, input), heads.keys()));
            case Qkv.Stacked(var qkv) -> {
                Tensor all = split(layers.apply(qkv, input), heads.queries() + 2 * heads.keys());
                yield new Projected(
                        all.narrow(1, 0, heads.queries()),
                        all.narrow(1, heads.queries(), heads.keys()),
                        all.narrow(1, heads.queries() + heads.keys(), heads.keys()));
            }
            case Qkv.Grouped(var qkv) -> {
                int shared = heads.queries() / heads.keys();
                Tensor groups = split(layers.apply(qkv, input), heads.keys() * (shared + 2))
                        .unflatten(1, heads.keys(), shared + 2);
                yield new Projected(
                        groups.narrow(2, 0, shared).flatten(1, 2),
                        groups.select(2, shared),
                        groups.select(2, shared + 1));
            }
        };
    }

    /// `[B, T, heads * w]` to `[B, heads, T, w]`.
    private static Tensor split(Tensor rows, int heads) {
        return rows.unflatten(-1, heads, -1).transpose(1, 2);
    }

    private Projected normalize(Attention attention, Projected p) {
        QkNorm norms = attention.qkNorm();
        return new Projected(
                normalize(norms.query(), norms.span(), p.query()),
                normalize(norms.key(), norms.span(), p.key()),
                p.value());
    }

    private Tensor normalize(Norm norm, QkNorm.Span span, Tensor heads) {
        if (norm instanceof Norm.None) {
            return heads;
        }
        return switch (span) {
            case HEAD -> layers.normalize(norm, heads);
            case ALL_HEADS ->
                split(layers.normalize(norm, heads.transpose(1, 2).flatten(2, 3)), Math.toIntExact(heads.size(1)));
        };
    }

    private Projected position(Attention attention, Projected p) {
        return switch (attention.position()) {
            case Position.Rotary rotary -> {
                Rotation rotation = pass.rotation(rotary);
                yield new Projected(rotation.turn(p.query()), rotation.turn(p.key()), p.value());
            }
            case Position.Alibi _, Position.None _ -> p;
        };
    }

    /// The library's attention has neither a soft cap nor biases that differ from head to head.
    private static boolean isFused(Attention attention) {
        return Double.isInfinite(attention.softcap()) && !(attention.position() instanceof Position.Alibi);
    }

    private Tensor fused(Attention attention, Projected p) {
        Optional<Tensor> mask = pass.mask(attention.window());
        return torch.scaled_dot_product_attention(
                p.query(),
                p.key(),
                p.value(),
                mask.map(TensorOptional::new).orElseGet(TensorOptional::new),
                0,
                mask.isEmpty() && pass.isCausal(),
                new DoubleOptional(attention.scale()),
                attention.heads().queries() != attention.heads().keys());
    }

    private Tensor stepwise(Attention attention, Projected p) {
        Heads heads = attention.heads();
        Tensor query = p.query().unflatten(1, heads.keys(), -1); // [B, key heads, shared, T, w]
        Tensor scores = torch.matmul(query, p.key().unsqueeze(2).transpose(-1, -2))
                .mul(new Scalar(attention.scale()))
                .flatten(1, 2); // [B, query heads, T, S]
        Tensor capped = Layers.softcap(attention.softcap(), scores).to(ScalarType.Float);
        Tensor biased = attention.position() instanceof Position.Alibi(double strength)
                ? capped.add(slopes(heads.queries(), strength).mul(pass.distances()))
                : capped;
        Tensor hidden = pass.explicitMask(attention.window()).bitwise_not();
        Tensor shares = biased.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY))
                .softmax(-1)
                .to(layers.scalarType());
        return torch.matmul(shares.unflatten(1, heads.keys(), -1), p.value().unsqueeze(2))
                .flatten(1, 2);
    }

    /// One slope per head, `[1, heads, 1, 1]`: powers of a half down to 2^-8, and every second power between them for
    /// the heads beyond a power of two (Press et al., arXiv:2108.12409, section 3, and its reference code).
    private Tensor slopes(int heads, double strength) {
        int whole = Integer.highestOneBit(heads);
        float[] slopes = new float[heads];
        for (int head = 0; head < heads; head++) {
            double power = head < whole ? -8.0 * (head + 1) / whole : -4.0 * (2 * (head - whole) + 1) / whole;
            slopes[head] = (float) (strength * Math.pow(2, power));
        }
        return layers.placement().place(Torch.floats(slopes, 1, heads, 1, 1));
    }
}
