package org.lewis.forward;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.model.Decoder;

/// The parts of a decoder at work, for one batch: reads the description and never asks for a family.
///
/// The residual stream is `[rows, tokens, width]` in the model's precision.
final class Transformer {

    private final Layers layers;
    private final AttentionLayer attention;
    private final FeedForwardLayer feedForward;
    private final Pass pass;

    /// @param weights those of all parts that will be run
    Transformer(Weights weights, Pass pass, Optional<KeyValueCache> cache, Tap tap) {
        this.layers = new Layers(weights, tap);
        this.attention = new AttentionLayer(layers, pass, cache);
        this.feedForward = new FeedForwardLayer(layers);
        this.pass = pass;
    }

    /// Makes what all blocks of the pass share in the caller's scope, before a block's own scope opens.
    void prepare(Decoder.Block block) {
        if (block.attention().work() instanceof Decoder.Attention work) {
            if (work.position() instanceof Decoder.Position.Rotary rotary) {
                Rotation _ = pass.rotation(rotary);
            }
            Optional<Tensor> _ = pass.mask(work.window());
        }
    }

    /// From token ids to the stream that the first block reads.
    ///
    /// @param ids int64 `[rows, tokens]`, on the CPU
    Tensor embed(Decoder.Embedding embedding, Tensor ids) {
        Tensor rows = layers.lookup(embedding.tokens(), ids);
        if (embedding.scale() != 1) {
            rows = rows.mul(rounded(embedding.scale()));
        }
        Tensor lifted =
                embedding.lift().isPresent() ? layers.apply(embedding.lift().get(), rows) : rows;
        Tensor placed = embedding
                .positions()
                .map(positions -> lifted.add(positions(positions)))
                .orElse(lifted);
        return layers.normalize(embedding.norm(), placed);
    }

    /// Runs one block.
    ///
    /// @param index counts blocks from 0
    Tensor block(Decoder.Block block, int index, Tensor stream) {
        return switch (block.residual()) {
            case SEQUENTIAL -> branch(block.feedForward(), index, branch(block.attention(), index, stream));
            case PARALLEL ->
                stream.add(delta(block.attention(), index, stream).add(delta(block.feedForward(), index, stream)));
        };
    }

    /// From the last block to the normed stream that the head reads.
    Tensor finish(Decoder.Norm norm, Tensor stream) {
        return layers.normalize(norm, stream);
    }

    /// Runs the head.
    ///
    /// @param stream `[..., width]`, normed
    /// @return float32 `[..., vocabulary]`
    Tensor logits(Decoder.Head head, Tensor stream) {
        Tensor raw = switch (head) {
            case Decoder.Head.Own(var linear, var _, var _) -> layers.apply(linear, stream);
            case Decoder.Head.Tied(var tokens, var lower, var _, var _, var _) ->
                layers.project(
                        tokens,
                        lower.map(linear -> layers.apply(linear, stream)).orElse(stream));
        };
        Tensor wide = raw.to(ScalarType.Float);
        return Layers.softcap(head.softcap(), head.scale() == 1 ? wide : wide.mul(new Scalar(head.scale())));
    }

    private Tensor branch(Decoder.Branch branch, int index, Tensor stream) {
        return layers.normalize(branch.outside(), stream.add(delta(branch, index, stream)));
    }

    private Tensor delta(Decoder.Branch branch, int index, Tensor stream) {
        Tensor input = layers.normalize(branch.before(), stream);
        Tensor output = switch (branch.work()) {
            case Decoder.Attention work -> attention.run(work, index, input);
            case Decoder.FeedForward work -> feedForward.run(work, input);
        };
        Tensor normed = layers.normalize(branch.after(), output);
        return branch.scale() == 1 ? normed : normed.mul(new Scalar(branch.scale()));
    }

    private Tensor positions(Decoder.Positions learned) {
        int[][] positions = pass.positions();
        int[] rows = new int[positions.length * pass.tokens()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = positions[i / pass.tokens()][i % pass.tokens()] + learned.offset();
        }
        return layers.lookup(learned.table(), Torch.longs(rows, positions.length, pass.tokens()));
    }

    /// A factor in the model's precision, as models were trained with it.
    private Tensor rounded(double factor) {
        return torch.full(new long[0], new Scalar(factor), layers.placement().options(layers.scalarType()));
    }
}
