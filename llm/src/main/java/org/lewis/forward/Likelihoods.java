package org.lewis.forward;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.lewis.model.Decoder;

/// The log-probabilities that a model gives to tokens, many sequences at a time.
record Likelihoods(Passes passes) {

    /// Enough for matrix products to be fast, and for short sequences to share what each operation costs.
    private static final int TOKENS_IN_BATCH = 2048;

    /// A pass of a model that runs block by block computes for minutes, so that reading its weights takes little of it.
    private static final int TOKENS_IN_PASS = 1 << 16;

    /// Puts sequences of like length together.
    ///
    /// @param rows at most so many sequences in a batch; a batch of several has at most 2048 tokens
    /// @return their indices, the shortest first
    static List<List<Integer>> batches(Decoder decoder, List<int[]> sequences, int rows) {
        List<Integer> rising = IntStream.range(0, sequences.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> sequences.get(i).length))
                .toList();
        List<List<Integer>> batches = new ArrayList<>();
        for (int i : rising) {
            int length = sequences.get(i).length;
            List<Integer> last = batches.isEmpty() ? List.of() : batches.getLast();
            boolean joins = !last.isEmpty()
                    && last.size() < rows
                    && (last.size() + 1L) * length <= TOKENS_IN_BATCH
                    && Rotation.isSteady(decoder, sequences.get(last.getFirst()).length, length);
            if (!joins) {
                batches.add(new ArrayList<>());
            }
            batches.getLast().add(i);
        }
        return batches;
    }

    /// @param scored hears of the batches in their order
    void of(List<List<int[]>> batches, LanguageModel.Scored scored) throws IOException {
        for (List<int[]> batch : batches) {
            Sequences.check(passes.decoder(), batch, 0);
        }
        for (int from = 0; from < batches.size(); ) {
            int start = from;
            List<Batch> together = new ArrayList<>();
            do {
                together.add(Batch.of(batches.get(from++), passes.parts().placement()));
            } while (passes.parts().areApart() && from < batches.size() && Batch.tokens(together) < TOKENS_IN_PASS);
            passes.run(
                    together,
                    Tap.NONE,
                    (i, stream, head) ->
                            scored.accept(start + i, logProbabilities(batches.get(start + i), stream, head)));
        }
    }

    /// @param stream `[rows, tokens, width]`
    private List<float[]> logProbabilities(List<int[]> sequences, Tensor stream, UnaryOperator<Tensor> head)
            throws IOException {
        int longest = Math.toIntExact(stream.size(1));
        int[] places = IntStream.range(0, sequences.size())
                .flatMap(
                        row -> IntStream.range(0, sequences.get(row).length - 1).map(t -> row * longest + t))
                .toArray();
        int[] targets = sequences.stream()
                .flatMapToInt(ids -> Arrays.stream(ids, 1, ids.length))
                .toArray();
        float[] scores = new float[places.length];
        if (places.length > 0) {
            Tensor predicting = stream.flatten(0, 1).index_select(0, place(places));
            passes.inPieces(predicting, head, (from, logits) -> {
                int count = Math.toIntExact(logits.size(0));
                Tensor target = place(Arrays.copyOfRange(targets, from, from + count));
                Tensor chosen = logits.gather(1, target.unsqueeze(1)).squeeze(1);
                MemorySegment score = Tensors.memory(chosen.sub(logits.logsumexp(-1)));
                MemorySegment.copy(score, ValueLayout.JAVA_FLOAT, 0, scores, from, count);
            });
        }
        List<float[]> ofEach = new ArrayList<>();
        int at = 0;
        for (int[] ids : sequences) {
            ofEach.add(Arrays.copyOfRange(scores, at, at + ids.length - 1));
            at += ids.length - 1;
        }
        return ofEach;
    }

    private Tensor place(int[] indices) {
        return passes.parts().placement().place(Torch.longs(indices, indices.length));
    }
}
