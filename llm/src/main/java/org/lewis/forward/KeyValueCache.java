package org.lewis.forward;

import java.util.Arrays;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.lewis.model.Decoder;

/// Keys and values of all tokens so far, `[rows, key heads, capacity, head width]` per block.
final class KeyValueCache implements AutoCloseable {

    private final Tensor[] keys;
    private final Tensor[] values;

    KeyValueCache(Decoder decoder, int rows, int capacity, Placement placement) {
        int blocks = decoder.blocks().size();
        this.keys = new Tensor[blocks];
        this.values = new Tensor[blocks];
        for (int i = 0; i < blocks; i++) {
            Decoder.Attention attention =
                    (Decoder.Attention) decoder.blocks().get(i).attention().work();
            Decoder.Heads heads = attention.heads();
            long[] shape = {rows, heads.keys(), capacity, heads.width()};
            keys[i] = Torch.retain(torch.empty(shape, placement.options(placement.type()), null));
            values[i] = Torch.retain(torch.empty(shape, placement.options(placement.type()), null));
        }
    }

    /// What one token of one row takes.
    static long bytesOfToken(Decoder decoder, Placement placement) {
        long numbers = decoder.blocks().stream()
                .map(block -> ((Decoder.Attention) block.attention().work()).heads())
                .mapToLong(heads -> 2L * heads.keys() * heads.width())
                .sum();
        return placement.bytes(numbers);
    }

    /// Stores new keys and returns all.
    Tensor keys(int block, Pass pass, Tensor fresh) {
        return extend(keys[block], pass, fresh);
    }

    Tensor values(int block, Pass pass, Tensor fresh) {
        return extend(values[block], pass, fresh);
    }

    /// Keeps only some rows.
    ///
    /// @param rows int64, ascending, on the same device
    void select(Tensor rows) {
        for (Tensor[] tensors : new Tensor[][] {keys, values}) {
            for (int i = 0; i < tensors.length; i++) {
                Tensor kept = Torch.retain(tensors[i].index_select(0, rows));
                Torch.release(tensors[i]);
                tensors[i] = kept;
            }
        }
    }

    @Override
    public void close() {
        Stream.of(keys, values).flatMap(Arrays::stream).forEach(Torch::release);
    }

    private static Tensor extend(Tensor all, Pass pass, Tensor fresh) {
        all.narrow(2, pass.past(), pass.tokens()).copy_(fresh);
        return all.narrow(2, 0, pass.past() + pass.tokens());
    }
}
