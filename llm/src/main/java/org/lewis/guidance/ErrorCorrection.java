package org.lewis.guidance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.forward.Tensors;
import org.lewis.kernel.Magnitudes;
import org.lewis.recipe.Pattern;

/// SparseGPT's pruning: columns go from left to right, and what a dropped weight did to the output is made up for by
/// the weights right of it that are still open.
///
/// @param blockSize columns whose weights are chosen together, by `w^2 / U_jj^2` with the factor of the inverse Hessian
/// @param pattern   keeps so many of each few neighbours in place of a share of each block
/// @param rescale   divides what is kept by the density, as DARE does
/// @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh 2023, algorithm 1</a>
public record ErrorCorrection(int blockSize, Optional<Pattern> pattern, boolean rescale) {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /// Rows that one task takes, so that a block of their columns stays in a processor's cache.
    private static final int ROWS = 64;

    /// @param taskVector float32 `[out, in]` in memory, row by row; pruned in place
    /// @param density    share to keep, in (0, 1); a pattern has its own
    /// @throws CheckpointException when the density leaves nothing of a block, or the inverse has no factor
    public void prune(Tensor taskVector, InverseHessian inverse, double density) throws CheckpointException {
        Matrix weights = Matrix.of(taskVector);
        Tensor factor = inverse.factor();
        zeroDead(weights, inverse.dead());
        for (int from = 0; from < weights.columns(); from += blockSize) {
            int count = Math.min(blockSize, weights.columns() - from);
            Block block = new Block(weights, from, count, upper(factor, from, count));
            int limit = pattern.isPresent() ? -1 : block.limit(density);
            Tensor errors = torch.empty(new long[] {weights.rows(), count}, new TensorOptions(ScalarType.Float), null);
            block.prune(limit, pattern, Matrix.of(errors));
            int end = from + count;
            if (end < weights.columns()) {
                Tensor rest = factor.narrow(0, from, count).narrow(1, end, weights.columns() - end);
                taskVector
                        .narrow(1, end, weights.columns() - end)
                        .addmm_(errors, rest, new Scalar(1.0), new Scalar(-1.0));
            }
            errors.close();
        }
        if (rescale) {
            taskVector.mul_(new Scalar(1 / pattern.map(Pattern::density).orElse(density)));
        }
    }

    private static float[] upper(Tensor factor, int from, int count) {
        return Tensors.view(factor.narrow(0, from, count).narrow(1, from, count))
                .floats();
    }

    private static void zeroDead(Matrix weights, boolean[] dead) {
        for (int column = 0; column < dead.length; column++) {
            for (int row = 0; dead[column] && row < weights.rows(); row++) {
                weights.write(row, column, new float[1]);
            }
        }
    }

    /// Rows of floats in native memory.
    private record Matrix(MemorySegment memory, int rows, int columns) {

        static Matrix of(Tensor tensor) {
            return new Matrix(Tensors.memory(tensor), Math.toIntExact(tensor.size(0)), Math.toIntExact(tensor.size(1)));
        }

        void read(int row, int column, float[] target, int at, int count) {
            MemorySegment.copy(memory, FLOAT, offset(row, column), target, at, count);
        }

        void write(int row, int column, float[] values) {
            MemorySegment.copy(values, 0, memory, FLOAT, offset(row, column), values.length);
        }

        private long offset(int row, int column) {
            return ((long) row * columns + column) * Float.BYTES;
        }
    }

    /// Some columns of the weights, pruned together.
    ///
    /// @param upper the factor's part on the diagonal, `[count, count]`
    private record Block(Matrix weights, int from, int count, float[] upper) {

        /// The magnitude of the largest score that is dropped. As in SparseGPT's code, that score itself goes too.
        int limit(double density) throws CheckpointException {
            int[] scores = new int[weights.rows() * count];
            float[] row = new float[count];
            for (int r = 0; r < weights.rows(); r++) {
                weights.read(r, from, row, 0, count);
                for (int i = 0; i < count; i++) {
                    scores[r * count + i] = Magnitudes.of(score(row[i], i));
                }
            }
            int dropped = (int) (scores.length * (1 - density));
            if (dropped >= scores.length - 1) {
                throw new CheckpointException("a density of " + density + " leaves no weight of the " + scores.length
                        + " in columns " + from + " to " + (from + count - 1));
            }
            return Magnitudes.select(scores, scores.length, scores.length - dropped);
        }

        private float score(float weight, int column) {
            float diagonal = upper[column * count + column];
            return weight * weight / (diagonal * diagonal);
        }

        /// @param limit  of scores that are dropped; ignored with a pattern
        /// @param errors get what each column's dropped weights are divided by the diagonal
        void prune(int limit, Optional<Pattern> pattern, Matrix errors) {
            IntStream.range(0, (weights.rows() + ROWS - 1) / ROWS).parallel().forEach(task -> {
                float[] row = new float[count];
                float[] error = new float[count];
                boolean[] dropped = new boolean[count];
                for (int r = task * ROWS; r < Math.min(weights.rows(), (task + 1) * ROWS); r++) {
                    weights.read(r, from, row, 0, count);
                    for (int i = 0; pattern.isEmpty() && i < count; i++) {
                        dropped[i] = Magnitudes.of(score(row[i], i)) <= limit;
                    }
                    pruneRow(row, dropped, error, pattern);
                    weights.write(r, from, row);
                    errors.write(r, 0, error);
                }
            });
        }

        private void pruneRow(float[] row, boolean[] dropped, float[] error, Optional<Pattern> pattern) {
            for (int i = 0; i < count; i++) {
                if (pattern.isPresent() && i % pattern.get().of() == 0) {
                    choose(row, i, pattern.get(), dropped);
                }
                error[i] = dropped[i] ? row[i] / upper[i * count + i] : 0;
                if (dropped[i]) {
                    row[i] = 0;
                    subtract(row, error[i], i);
                }
            }
        }

        /// `row[j] -= error * upper[i, j]` right of column i.
        private void subtract(float[] row, float error, int i) {
            int at = i * count;
            for (int j = i + 1; j < count; j++) {
                row[j] -= error * upper[at + j];
            }
        }

        /// Drops the lowest scores of a few neighbours; of equal ones the first.
        private void choose(float[] row, int first, Pattern pattern, boolean[] dropped) {
            int end = Math.min(count, first + pattern.of());
            Arrays.fill(dropped, first, end, false);
            for (int left = end - first - pattern.kept(); left > 0; left--) {
                int lowest = -1;
                for (int i = first; i < end; i++) {
                    if (!dropped[i] && (lowest < 0 || score(row[i], i) < score(row[lowest], lowest))) {
                        lowest = i;
                    }
                }
                dropped[lowest] = true;
            }
        }
    }
}
