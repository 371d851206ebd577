package org.lewis.forward;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.model.Decoder.Position.Rotary;

/// Where the tokens of one pass stand: rows of equal length, after earlier tokens whose keys are kept, and behind
/// padding at the front.
///
/// What it makes is kept for all blocks of the pass and lives as long as the scope it was made in.
final class Pass {

    private final int rows;
    private final int tokens;
    private final int past;
    private final int[] padding;
    private final Placement placement;
    private final Map<Rotary, Rotation> rotations = new HashMap<>();
    private final Map<Integer, Optional<Tensor>> masks = new HashMap<>();

    /// @param past    tokens before these, padding included
    /// @param padding per row, how many of all tokens are none; empty when no row has any
    Pass(int rows, int tokens, int past, int[] padding, Placement placement) {
        this.rows = rows;
        this.tokens = tokens;
        this.past = past;
        this.padding = padding;
        this.placement = placement;
    }

    static Pass of(int rows, int tokens, Placement placement) {
        return new Pass(rows, tokens, 0, new int[0], placement);
    }

    int rows() {
        return rows;
    }

    int tokens() {
        return tokens;
    }

    int past() {
        return past;
    }

    /// Of each token in its sequence, `[rows][tokens]`, or one row when all are alike; padding stands at 0.
    int[][] positions() {
        int[][] positions = new int[Math.max(1, padding.length)][tokens];
        for (int row = 0; row < positions.length; row++) {
            for (int t = 0; t < tokens; t++) {
                positions[row][t] = Math.max(0, past + t - (padding.length == 0 ? 0 : padding[row]));
            }
        }
        return positions;
    }

    Rotation rotation(Rotary rotary) {
        return rotations.computeIfAbsent(rotary, r -> Rotation.of(r, positions(), past + tokens, placement));
    }

    /// Which keys a query may see, `[rows or 1, 1, tokens, past + tokens]` of booleans. Empty when a query sees all
    /// before it and nothing is padding, which [#isCausal] tells apart from seeing everything.
    ///
    /// A padding token sees itself, so that no row of scores is empty.
    Optional<Tensor> mask(int window) {
        int clipped = Math.min(window, past + tokens);
        return masks.computeIfAbsent(clipped, this::makeMask);
    }

    /// Whether an absent mask means that queries see only keys before them.
    boolean isCausal() {
        return tokens > 1;
    }

    /// The full mask even where it could be left out.
    Tensor explicitMask(int window) {
        return mask(window).orElseGet(() -> visible(past + tokens));
    }

    /// How far each key stands after each query, `[1, 1, tokens, past + tokens]` in float32; at most 0 where visible.
    Tensor distances() {
        return keys().sub(queries()).to(ScalarType.Float);
    }

    private Optional<Tensor> makeMask(int window) {
        boolean plain = padding.length == 0 && window == past + tokens && (past == 0 || tokens == 1);
        return plain ? Optional.empty() : Optional.of(Torch.scoped(() -> visible(window)));
    }

    private Tensor visible(int window) {
        Tensor keys = keys();
        Tensor queries = queries();
        Tensor visible = keys.le(queries).bitwise_and(keys.gt(queries.sub(new Scalar(window))));
        if (padding.length == 0) {
            return visible;
        }
        Tensor real = keys.ge(placement.place(Torch.longs(padding, rows, 1, 1, 1)));
        return visible.bitwise_and(real.bitwise_or(keys.eq(queries)));
    }

    private Tensor keys() {
        return torch.arange(new Scalar(past + tokens), placement.options(ScalarType.Long))
                .view(1, 1, 1, -1);
    }

    private Tensor queries() {
        return torch.arange(new Scalar(past), new Scalar(past + tokens), placement.options(ScalarType.Long))
                .view(1, 1, -1, 1);
    }
}
