package org.lewis.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A tensor whose elements can be read as float32, range by range, whether they are stored or computed on the way.
public interface ReadableTensor {

    String name();

    Dtype dtype();

    Shape shape();

    /// Writes elements `[from, from + count)` to `target` as float32. May be called from several threads.
    void read(long from, int count, float[] target);

    /// Says that elements `[from, to)` will not be read again soon, so that pages of a mapped file need not stay
    /// in this process. Reading them later is allowed, and takes longer.
    default void release(long from, long to) {}

    default long elements() {
        return shape().elements();
    }

    /// All elements side by side in the tensor's dtype: those that are stored where they are, any others computed and
    /// rounded once.
    ///
    /// @param arena owns what is computed
    default Tensor inMemory(Arena arena) {
        MemorySegment bytes = arena.allocate(dtype().bytes(elements()), Long.BYTES);
        float[] values = new float[(int) Math.min(1 << 16, elements())];
        for (long at = 0; at < elements(); at += values.length) {
            int count = (int) Math.min(values.length, elements() - at);
            read(at, count, values);
            Rounding.write(values, count, dtype(), bytes, at);
        }
        return new Tensor(name(), dtype(), shape(), bytes);
    }
}
