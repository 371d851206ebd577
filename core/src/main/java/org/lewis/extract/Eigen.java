package org.lewis.extract;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The eigenvalues of a symmetric matrix, largest first, with their vectors.
///
/// @param vectors `vectors[k]` belongs to `values[k]`
record Eigen(double[] values, double[][] vectors) {

    /// Rounds of rotations; six to ten are usual.
    private static final int MOST_SWEEPS = 60;

    /// Jacobi's method by rows: each rotation makes one element off the diagonal zero.
    ///
    /// @param matrix is overwritten
    /// @see <a href="https://doi.org/10.56021/9781421407944">Golub and Van Loan, section 8.5</a>
    static Eigen of(double[][] matrix) {
        int size = matrix.length;
        double[][] vectors = new double[size][size];
        double scale = 0;
        for (int i = 0; i < size; i++) {
            vectors[i][i] = 1;
            scale = Math.max(scale, Math.abs(matrix[i][i]));
        }
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < size; p++) {
                for (int q = p + 1; q < size; q++) {
                    if (Math.abs(matrix[p][q]) > 1e-15 * scale) {
                        rotate(matrix, vectors, p, q);
                        rotated = true;
                    }
                }
            }
        }
        List<Integer> order = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -matrix[k][k]).thenComparing(k -> k))
                .toList();
        return new Eigen(
                order.stream().mapToDouble(k -> matrix[k][k]).toArray(),
                order.stream().map(k -> vectors[k]).toArray(double[][]::new));
    }

    private static void rotate(double[][] matrix, double[][] vectors, int p, int q) {
        double theta = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
        double tangent = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double cosine = 1 / Math.sqrt(tangent * tangent + 1);
        double sine = tangent * cosine;
        rotateRows(matrix[p], matrix[q], cosine, sine);
        for (double[] row : matrix) {
            double before = row[p];
            row[p] = cosine * before - sine * row[q];
            row[q] = sine * before + cosine * row[q];
        }
        matrix[p][q] = 0;
        matrix[q][p] = 0;
        rotateRows(vectors[p], vectors[q], cosine, sine);
    }

    private static void rotateRows(double[] first, double[] second, double cosine, double sine) {
        for (int i = 0; i < first.length; i++) {
            double before = first[i];
            first[i] = cosine * before - sine * second[i];
            second[i] = sine * before + cosine * second[i];
        }
    }
}
