package org.lewis.forward;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Rows of tokens that go through the blocks together.
///
/// @param ids   row after row
/// @param cache keys and values of the tokens before these, which gets theirs too; empty when there are none
record Batch(int[] ids, Pass pass, Optional<KeyValueCache> cache) {

    /// Sequences from their first token on. Shorter ones are filled up at the end, where no token before sees it.
    static Batch of(List<int[]> sequences, Placement placement) {
        int longest = sequences.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        int[] ids = new int[sequences.size() * longest];
        for (int row = 0; row < sequences.size(); row++) {
            int[] sequence = sequences.get(row);
            System.arraycopy(sequence, 0, ids, row * longest, sequence.length);
        }
        return new Batch(ids, Pass.of(sequences.size(), longest, placement), Optional.empty());
    }

    /// `[rows, tokens]`
    Tensor tensor() {
        return Torch.longs(ids, pass.rows(), pass.tokens());
    }

    static long tokens(List<Batch> batches) {
        return batches.stream().mapToLong(batch -> batch.ids.length).sum();
    }
}
