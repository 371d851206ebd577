package org.lewis.extract;

import java.util.Arrays;
import org.lewis.kernel.Draws;

/// The largest singular values of a matrix with their vectors, found by a few passes over it.
///
/// A block of vectors is led through the matrix and back until it spans what the matrix does most; inside of that span
/// the decomposition is exact. Where the block is as wide as the matrix, that is everything, and no random vector is
/// drawn. The matrix itself is never held, only the blocks, and it is read in panels.
///
/// @param rows    of the matrix
/// @param columns of the matrix
/// @param values  the singular values, largest first
/// @param left    `left[k]` is the k-th left singular vector
/// @param right   `right[k]` is the k-th right singular vector
/// @param squares sum of the squares of the whole matrix, and so of all its singular values
/// @see <a href="https://arxiv.org/abs/0909.4061">Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1</a>
record Svd(int rows, int columns, double[] values, double[][] left, double[][] right, double squares) {

    /// Vectors beyond those asked for, which make the last of these exact enough.
    private static final int OVERSAMPLING = 16;
    /// How often the block goes there and back before the last time.
    private static final int ITERATIONS = 3;
    /// Matrices of a smaller side are decomposed as a whole.
    private static final int SMALL = 64;
    /// What is left of a vector when it depends on those before it, in parts of its length.
    private static final double DEPENDENT = 1e-10;
    /// Columns of a matrix that are worked on at once, so that what they meet of a block stays in the cache.
    private static final int PANEL = 256;
    /// Vectors that are added up at once.
    private static final int GROUP = 8;

    /// @param most how many singular values are wanted at most
    /// @param key  decides the random vectors
    /// @throws ArithmeticException when the matrix holds NaN or infinities
    static Svd of(Matrix matrix, int most, long key) {
        double squares = squares(matrix);
        if (!Double.isFinite(squares)) {
            throw new ArithmeticException("holds NaN or infinite values");
        }
        int side = Math.min(matrix.rows(), matrix.columns());
        int width = Math.min(side, Math.max(most + OVERSAMPLING, SMALL));
        double[][] block = width == matrix.columns() ? unit(width) : random(matrix.columns(), width, key);
        double[][] span = orthonormal(through(matrix, block));
        for (int i = 0; i < ITERATIONS && width < side; i++) {
            span = orthonormal(through(matrix, orthonormal(back(matrix, span))));
        }
        return inside(matrix, span, most, squares);
    }

    /// Decomposes `span^T matrix`, which is small on one side.
    private static Svd inside(Matrix matrix, double[][] span, int most, double squares) {
        double[][] projected = back(matrix, span);
        Eigen eigen = Eigen.of(products(projected));
        int kept = 0;
        double[] values = new double[span.length];
        for (int k = 0; k < span.length; k++) {
            values[k] = Math.sqrt(Math.max(eigen.values()[k], 0));
            // Float32 cannot hold what is smaller, next to the largest.
            if (values[k] > 1e-7 * values[0]) {
                kept++;
            }
        }
        kept = Math.min(kept, most);
        double[][] left = new double[kept][];
        double[][] right = new double[kept][];
        for (int k = 0; k < kept; k++) {
            left[k] = combined(span, eigen.vectors()[k], 1);
            right[k] = combined(projected, eigen.vectors()[k], 1 / values[k]);
        }
        return new Svd(matrix.rows(), matrix.columns(), Arrays.copyOf(values, kept), left, right, squares);
    }

    /// How much of the sum of squares the largest singular values make, in [0, 1].
    double energy(int rank) {
        double kept = 0;
        for (int k = 0; k < rank; k++) {
            kept += values[k] * values[k];
        }
        return squares == 0 ? 1 : Math.min(kept / squares, 1);
    }

    /// Matrix times block.
    ///
    /// @param block vectors of as many elements as the matrix has columns
    private static double[][] through(Matrix matrix, double[][] block) {
        int width = block.length;
        double[] byColumn = transposed(block, matrix.columns());
        double[] sums = new double[Math.multiplyExact(matrix.rows(), width)];
        Matrix.Scratch scratch = new Matrix.Scratch(PANEL);
        for (int first = 0; first < matrix.columns(); first += PANEL) {
            int count = Math.min(matrix.columns() - first, PANEL);
            for (int row = 0; row < matrix.rows(); row++) {
                matrix.read(row, first, count, scratch);
                for (int at = 0; at < count; at += GROUP) {
                    int end = Math.min(at + GROUP, count);
                    float[] factors = Arrays.copyOfRange(scratch.values, at, end);
                    addScaled(sums, row * width, factors, byColumn, (first + at) * width, width);
                }
            }
        }
        return split(sums, width, matrix.rows());
    }

    /// Transposed matrix times block.
    private static double[][] back(Matrix matrix, double[][] block) {
        int width = block.length;
        double[] byRow = transposed(block, matrix.rows());
        double[] sums = new double[Math.multiplyExact(matrix.columns(), width)];
        Matrix.Scratch scratch = new Matrix.Scratch(PANEL);
        float[][] factors = new float[PANEL][];
        for (int first = 0; first < matrix.columns(); first += PANEL) {
            int count = Math.min(matrix.columns() - first, PANEL);
            for (int row = 0; row < matrix.rows(); row += GROUP) {
                int group = Math.min(matrix.rows() - row, GROUP);
                gather(matrix, row, group, first, count, factors, scratch);
                for (int column = 0; column < count; column++) {
                    addScaled(sums, (first + column) * width, factors[column], byRow, row * width, width);
                }
            }
        }
        return split(sums, width, matrix.columns());
    }

    /// Reads pieces of some rows, column by column.
    private static void gather(
            Matrix matrix, int row, int rows, int first, int count, float[][] columns, Matrix.Scratch scratch) {
        for (int column = 0; column < count; column++) {
            if (columns[column] == null || columns[column].length != rows) {
                columns[column] = new float[rows];
            }
        }
        for (int i = 0; i < rows; i++) {
            matrix.read(row + i, first, count, scratch);
            for (int column = 0; column < count; column++) {
                columns[column][i] = scratch.values[column];
            }
        }
    }

    /// `target[at...] += sum_j factors[j] * source[from + j * count...]`
    private static void addScaled(double[] target, int at, float[] factors, double[] source, int from, int count) {
        if (factors.length == GROUP) {
            addEight(target, at, factors, source, from, count);
            return;
        }
        for (int j = 0; j < factors.length; j++) {
            addScaled(target, at, factors[j], source, from + j * count, count);
        }
    }

    /// The same for a whole group: one load and store of the target for all.
    private static void addEight(double[] target, int at, float[] factors, double[] source, int from, int count) {
        double f0 = factors[0];
        double f1 = factors[1];
        double f2 = factors[2];
        double f3 = factors[3];
        double f4 = factors[4];
        double f5 = factors[5];
        double f6 = factors[6];
        double f7 = factors[7];
        for (int i = 0; i < count; i++) {
            double sum = Math.fma(f0, source[from + i], target[at + i]);
            sum = Math.fma(f1, source[from + count + i], sum);
            sum = Math.fma(f2, source[from + 2 * count + i], sum);
            sum = Math.fma(f3, source[from + 3 * count + i], sum);
            sum = Math.fma(f4, source[from + 4 * count + i], sum);
            sum = Math.fma(f5, source[from + 5 * count + i], sum);
            sum = Math.fma(f6, source[from + 6 * count + i], sum);
            target[at + i] = Math.fma(f7, source[from + 7 * count + i], sum);
        }
    }

    private static void addScaled(double[] target, int at, double factor, double[] source, int from, int count) {
        for (int i = 0; i < count; i++) {
            target[at + i] = Math.fma(factor, source[from + i], target[at + i]);
        }
    }

    private static double[] transposed(double[][] block, int length) {
        double[] byRow = new double[Math.multiplyExact(block.length, length)];
        for (int k = 0; k < block.length; k++) {
            for (int i = 0; i < length; i++) {
                byRow[i * block.length + k] = block[k][i];
            }
        }
        return byRow;
    }

    private static double[][] split(double[] byRow, int width, int length) {
        double[][] block = new double[width][length];
        for (int k = 0; k < width; k++) {
            for (int i = 0; i < length; i++) {
                block[k][i] = byRow[i * width + k];
            }
        }
        return block;
    }

    /// Gram and Schmidt's process, each vector twice; vectors that depend on those before them are left out.
    private static double[][] orthonormal(double[][] block) {
        double[][] kept = new double[block.length][];
        int count = 0;
        for (double[] vector : block) {
            double before = Math.sqrt(dot(vector, vector));
            for (int pass = 0; pass < 2; pass++) {
                for (int k = 0; k < count; k++) {
                    addScaled(vector, 0, -dot(kept[k], vector), kept[k], 0, vector.length);
                }
            }
            double length = Math.sqrt(dot(vector, vector));
            if (length > DEPENDENT * before) {
                for (int i = 0; i < vector.length; i++) {
                    vector[i] /= length;
                }
                kept[count++] = vector;
            }
        }
        return Arrays.copyOf(kept, count);
    }

    private static double[][] products(double[][] block) {
        double[][] products = new double[block.length][block.length];
        for (int i = 0; i < block.length; i++) {
            for (int j = 0; j <= i; j++) {
                products[i][j] = dot(block[j], block[i]);
                products[j][i] = products[i][j];
            }
        }
        return products;
    }

    private static double[] combined(double[][] block, double[] weights, double scale) {
        double[] sum = new double[block[0].length];
        for (int k = 0; k < block.length; k++) {
            addScaled(sum, 0, weights[k] * scale, block[k], 0, sum.length);
        }
        return sum;
    }

    private static double dot(double[] a, double[] b) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int bound = a.length - a.length % 4;
        for (int i = 0; i < bound; i += 4) {
            s0 = Math.fma(a[i], b[i], s0);
            s1 = Math.fma(a[i + 1], b[i + 1], s1);
            s2 = Math.fma(a[i + 2], b[i + 2], s2);
            s3 = Math.fma(a[i + 3], b[i + 3], s3);
        }
        double sum = (s0 + s1) + (s2 + s3);
        for (int i = bound; i < a.length; i++) {
            sum = Math.fma(a[i], b[i], sum);
        }
        return sum;
    }

    private static double squares(Matrix matrix) {
        double sum = 0;
        Matrix.Scratch scratch = new Matrix.Scratch(matrix.columns());
        for (int row = 0; row < matrix.rows(); row++) {
            matrix.read(row, 0, matrix.columns(), scratch);
            double ofRow = 0;
            for (float value : scratch.values) {
                ofRow = Math.fma((double) value, value, ofRow);
            }
            sum += ofRow;
        }
        return sum;
    }

    private static double[][] unit(int width) {
        double[][] block = new double[width][width];
        for (int k = 0; k < width; k++) {
            block[k][k] = 1;
        }
        return block;
    }

    /// Signs, which serve as well as Gaussian numbers.
    private static double[][] random(int length, int width, long key) {
        double[][] block = new double[width][length];
        int[] draws = new int[length];
        for (int k = 0; k < width; k++) {
            Draws.draw(key, (long) k * length, draws, length);
            for (int i = 0; i < length; i++) {
                block[k][i] = draws[i] < 0 ? -1 : 1;
            }
        }
        return block;
    }
}
