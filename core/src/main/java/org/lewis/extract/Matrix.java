package org.lewis.extract;

import org.lewis.tensor.ReadableTensor;

/// The difference of two matrices of one shape, read row by row from files.
///
/// @param from the other one is subtracted
record Matrix(ReadableTensor of, ReadableTensor from) {

    int rows() {
        return Math.toIntExact(of.shape().dimension(0));
    }

    int columns() {
        return Math.toIntExact(of.shape().dimension(1));
    }

    /// Where the pieces of rows are read to.
    static final class Scratch {

        private final float[] other;
        final float[] values;

        Scratch(int width) {
            this.values = new float[width];
            this.other = new float[width];
        }
    }

    /// Reads `count` columns of a row.
    void read(int row, int column, int count, Scratch scratch) {
        long at = (long) row * columns() + column;
        of.read(at, count, scratch.values);
        from.read(at, count, scratch.other);
        for (int i = 0; i < count; i++) {
            scratch.values[i] -= scratch.other[i];
        }
    }
}
