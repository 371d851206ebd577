package org.lewis.calibrate;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.lewis.kernel.ColumnSums;
import org.lewis.tensor.Tensor;

/// Sums over the rows of a matrix, one for each column, rounded to float32 at the end. A few rows at a time are added
/// in float32 and these in float64, always the same ones: the same bits for any number of threads. Sums of activations
/// are taken on the thread that made them, while others run sequences of their own; those of weights on all threads.
///
/// @param squares    of the elements
/// @param magnitudes of the elements
record Moments(float[] squares, float[] magnitudes) {

    /// Columns whose values and sums stay in a processor's nearest caches, while rows are read in runs that are long
    /// enough to be fetched ahead.
    private static final int TILE = 1024;

    /// @param matrix `[rows, columns]` in memory
    static Moments of(Tensor matrix) {
        float[] squares = new float[columns(matrix)];
        float[] magnitudes = new float[squares.length];
        for (int from = 0; from < squares.length; from += TILE) {
            Sums sums = new Sums(squares.length - from, true);
            sums.addColumns(matrix, from);
            round(sums.squares, squares, from);
            round(sums.magnitudes, magnitudes, from);
        }
        return new Moments(squares, magnitudes);
    }

    /// The squares alone.
    static float[] squares(Tensor matrix) {
        float[] squares = new float[columns(matrix)];
        IntStream.range(0, (squares.length + TILE - 1) / TILE).parallel().forEach(tile -> {
            Sums sums = new Sums(squares.length - tile * TILE, false);
            sums.addColumns(matrix, tile * TILE);
            round(sums.squares, squares, tile * TILE);
        });
        return squares;
    }

    /// The Frobenius norm, rounded to float32.
    static float norm(Tensor tensor) {
        Sums sums = new Sums(TILE, false);
        sums.addAll(tensor);
        double sum = 0;
        for (double square : sums.squares) {
            sum += square;
        }
        return (float) Math.sqrt(sum);
    }

    /// The Frobenius norm of the whole, rounded to float32.
    float norm() {
        double sum = 0;
        for (float square : squares) {
            sum += square;
        }
        return (float) Math.sqrt(sum);
    }

    private static int columns(Tensor matrix) {
        return Math.toIntExact(matrix.shape().columns());
    }

    private static void round(double[] sums, float[] target, int at) {
        for (int i = 0; i < sums.length; i++) {
            target[at + i] = (float) sums[i];
        }
    }

    /// Of a tile's columns.
    private static final class Sums {
        private final int width;
        private final float[][] rows;
        private final float[] few;
        private final double[] squares;
        private final double[] magnitudes;

        Sums(int columns, boolean withMagnitudes) {
            this.width = Math.min(TILE, columns);
            this.rows = new float[ColumnSums.ROWS][width];
            this.few = new float[width];
            this.squares = new double[width];
            this.magnitudes = new double[withMagnitudes ? width : 0];
        }

        /// Adds all rows of the tile that begins with a column.
        void addColumns(Tensor matrix, int from) {
            long columns = matrix.shape().columns();
            long end = matrix.elements();
            long at = from;
            while (at < end) {
                for (float[] row : rows) {
                    read(matrix, at, at < end ? width : 0, row);
                    at += columns;
                }
                addRows();
            }
        }

        /// Adds all elements, as if they were a matrix as wide as a tile.
        void addAll(Tensor tensor) {
            long elements = tensor.elements();
            long at = 0;
            while (at < elements) {
                for (float[] row : rows) {
                    int count = (int) Math.min(TILE, elements - at);
                    read(tensor, at, count, row);
                    at += count;
                }
                addRows();
            }
        }

        private static void read(Tensor tensor, long at, int count, float[] row) {
            if (count > 0) {
                tensor.read(at, count, row);
            }
            Arrays.fill(row, count, row.length, 0);
        }

        private void addRows() {
            ColumnSums.squares(rows, few);
            ColumnSums.add(few, squares);
            if (magnitudes.length > 0) {
                ColumnSums.magnitudes(rows, few);
                ColumnSums.add(few, magnitudes);
            }
        }
    }
}
