package org.lewis.checkpoint;

import org.lewis.tensor.Tensor;

/// The product of two thin matrices, `left * right`, of which rows are computed as they are needed.
///
/// @param left  `[rows, rank]`, row major, the scale included
/// @param right `[rank, columns]`, row major
record LowRank(int rows, int columns, int rank, float[] left, float[] right) {

    /// `scale * up * down`
    static LowRank of(Tensor up, Tensor down, double scale) {
        int rank = Math.toIntExact(down.shape().dimension(0));
        return new LowRank(
                Math.toIntExact(up.shape().dimension(0)),
                Math.toIntExact(down.shape().dimension(1)),
                rank,
                scaled(up, scale),
                down.floats());
    }

    /// `scale * (up * down)^T`
    static LowRank transposed(Tensor up, Tensor down, double scale) {
        LowRank product = of(up, down, scale);
        return new LowRank(
                product.columns,
                product.rows,
                product.rank,
                transpose(product.right, product.rank, product.columns),
                transpose(product.left, product.rows, product.rank));
    }

    /// `scale * vector` as a column.
    static LowRank column(Tensor vector, double scale) {
        float[] left = scaled(vector, scale);
        return new LowRank(left.length, 1, 1, left, new float[] {1});
    }

    /// `target[at...] += product[row, fromColumn...]`, `count` elements.
    void addRow(int row, int fromColumn, int count, float[] target, int at) {
        for (int k = 0; k < rank; k++) {
            float factor = left[row * rank + k];
            int offset = k * columns + fromColumn;
            for (int i = 0; i < count; i++) {
                target[at + i] = Math.fma(factor, right[offset + i], target[at + i]);
            }
        }
    }

    private static float[] scaled(Tensor tensor, double scale) {
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) scale;
        }
        return values;
    }

    private static float[] transpose(float[] matrix, int rows, int columns) {
        float[] transposed = new float[matrix.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                transposed[column * rows + row] = matrix[row * columns + column];
            }
        }
        return transposed;
    }
}
