package org.lewis.tensor;

/// A tensor whose elements can be read as float32, range by range, whether they are stored or computed on the way.
public interface ReadableTensor {

    String name();

    Dtype dtype();

    Shape shape();

    /// Writes elements `[from, from + count)` to `target` as float32. May be called from several threads.
    void read(long from, int count, float[] target);

    /// Says that elements `[from, to)` will not be read again soon, so that pages of a mapped file need not stay in
    /// this
    /// process. Reading them later is allowed, and takes longer.
    default void release(long from, long to) {}

    default long elements() {
        return shape().elements();
    }
}
