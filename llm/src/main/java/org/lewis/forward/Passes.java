package org.lewis.forward;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.lewis.model.Decoder;

/// Whole passes of a model that nobody changes, from token ids to logits.
///
/// @param decoder      must have been checked against the model
/// @param logitsAtOnce numbers of logits held at once; at least one row of them is held anyway
record Passes(Decoder decoder, Parts parts, Resources resources, long logitsAtOnce) {

    /// Reads a piece of logits, `[rows, vocabulary]`.
    @FunctionalInterface
    interface PieceReader {
        void read(int from, Tensor logits) throws IOException;
    }

    void run(List<Batch> batches, Tap tap, BlockStream.Outlet outlet) throws IOException {
        BlockStream.Visitor visitor = new BlockStream.Visitor() {
            @Override
            public Tap tap(int block, int batch) {
                return tap;
            }

            @Override
            public boolean mayChange() {
                return false;
            }
        };
        new BlockStream(parts, decoder, batches, visitor, BlockStream.Progress.NONE, SequenceRunner.ALONE)
                .run(resources, Optional.of(outlet));
    }

    /// @param rows `[rows, width]`, normed
    void inPieces(Tensor rows, UnaryOperator<Tensor> head, PieceReader reader) throws IOException {
        int count = Math.toIntExact(rows.size(0));
        int piece = Math.toIntExact(Math.max(1, logitsAtOnce / decoder.vocabulary()));
        for (int from = 0; from < count; from += piece) {
            try (PointerScope _ = new PointerScope()) {
                reader.read(from, head.apply(rows.narrow(0, from, Math.min(piece, count - from))));
            }
        }
    }

    /// What the weights take.
    long weightBytes() {
        return weightBytes(decoder, parts.placement());
    }

    static long weightBytes(Decoder decoder, Placement placement) {
        return decoder.slots().stream()
                .mapToLong(slot ->
                        slot.shape().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b))
                .map(placement::bytes)
                .sum();
    }
}
