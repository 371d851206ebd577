package org.lewis.calibrate;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.lewis.kernel.ColumnSums;
import org.lewis.tensor.Tensor;

/// Sums over the rows of a matrix, one for each column, rounded to float32 at the end. A few rows at a time are added
/// in float32 and these in float64, always the same ones: the same bits for any number of threads.
///
/// @param squares    of the elements
/// @param magnitudes of the elements
record Moments(float[] squares, float[] magnitudes) {

    /// Columns whose values and sums stay in a processor's first cache.
    private static final int TILE = 256;

    /// Elements that one thread adds up for a norm.
    private static final long CHUNK = 1L << 17;

    /// @param matrix `[rows, columns]` in memory
    static Moments of(Tensor matrix) {
        float[] squares = new float[columns(matrix)];
        float[] magnitudes = new float[squares.length];
        tiles(squares.length).forEach(tile -> {
            Sums sums = new Sums(true);
            sums.addColumns(matrix, tile * TILE);
            round(sums.squares, squares, tile * TILE);
            round(sums.magnitudes, magnitudes, tile * TILE);
        });
        return new Moments(squares, magnitudes);
    }

    /// The squares alone.
    static float[] squares(Tensor matrix) {
        float[] squares = new float[columns(matrix)];
        tiles(squares.length).forEach(tile -> {
            Sums sums = new Sums(false);
            sums.addColumns(matrix, tile * TILE);
            round(sums.squares, squares, tile * TILE);
        });
        return squares;
    }

    /// The Frobenius norm, rounded to float32.
    static float norm(Tensor tensor) {
        long elements = tensor.elements();
        double[] parts = IntStream.range(0, Math.toIntExact((elements + CHUNK - 1) / CHUNK))
                .parallel()
                .mapToDouble(chunk -> {
                    Sums sums = new Sums(false);
                    sums.addRange(tensor, chunk * CHUNK, Math.min(elements, (chunk + 1) * CHUNK));
                    return sum(sums.squares);
                })
                .toArray();
        return (float) Math.sqrt(sum(parts));
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

    private static IntStream tiles(int columns) {
        return IntStream.range(0, (columns + TILE - 1) / TILE).parallel();
    }

    private static void round(double[] sums, float[] target, int at) {
        for (int i = 0; i < sums.length && at + i < target.length; i++) {
            target[at + i] = (float) sums[i];
        }
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    /// Of a tile's columns.
    private static final class Sums {
        private final float[][] rows = new float[ColumnSums.ROWS][TILE];
        private final float[] few = new float[TILE];
        private final double[] squares = new double[TILE];
        private final double[] magnitudes;

        Sums(boolean withMagnitudes) {
            this.magnitudes = new double[withMagnitudes ? TILE : 0];
        }

        /// Adds all rows of a tile of columns, or of as many as there are.
        void addColumns(Tensor matrix, int from) {
            long columns = matrix.shape().columns();
            int count = (int) Math.min(TILE, columns - from);
            long end = matrix.elements();
            long at = from;
            while (at < end) {
                for (float[] row : rows) {
                    read(matrix, at, at < end ? count : 0, row);
                    at += columns;
                }
                addRows();
            }
        }

        /// Adds a range of elements, as if it were a matrix of tiles.
        void addRange(Tensor tensor, long from, long to) {
            long at = from;
            while (at < to) {
                for (float[] row : rows) {
                    int count = (int) Math.clamp(to - at, 0, TILE);
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
