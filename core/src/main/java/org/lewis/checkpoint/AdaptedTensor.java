package org.lewis.checkpoint;

import java.util.Optional;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// A weight with a low-rank adapter: `W + product`, or with DoRA each output's row of that at its own length.
final class AdaptedTensor implements ReadableTensor {

    /// DoRA: the length of each output's row.
    ///
    /// @param magnitudes         one per output
    /// @param outputsAreColumns  as in layers that store `[in, out]`
    record Directions(float[] magnitudes, boolean outputsAreColumns) {}

    private final Tensor weight;
    private final LowRank product;
    private final Optional<Directions> directions;
    private volatile float[] factors;

    AdaptedTensor(Tensor weight, LowRank product, Optional<Directions> directions) {
        this.weight = weight;
        this.product = product;
        this.directions = directions;
    }

    @Override
    public String name() {
        return weight.name();
    }

    @Override
    public Dtype dtype() {
        return weight.dtype();
    }

    @Override
    public Shape shape() {
        return weight.shape();
    }

    @Override
    public void read(long from, int count, float[] target) {
        readUnscaled(from, count, target);
        if (directions.isPresent()) {
            scale(from, count, target, factors());
        }
    }

    @Override
    public void release(long from, long to) {
        weight.release(from, to);
    }

    private void readUnscaled(long from, int count, float[] target) {
        weight.read(from, count, target);
        int columns = product.columns();
        int done = 0;
        while (done < count) {
            int row = (int) ((from + done) / columns);
            int column = (int) ((from + done) % columns);
            int length = Math.min(columns - column, count - done);
            product.addRow(row, column, length, target, done);
            done += length;
        }
    }

    private void scale(long from, int count, float[] target, float[] outputs) {
        boolean outputsAreColumns = directions.orElseThrow().outputsAreColumns();
        int columns = product.columns();
        for (int i = 0; i < count; i++) {
            long at = from + i;
            target[i] *= outputs[(int) (outputsAreColumns ? at % columns : at / columns)];
        }
    }

    /// `magnitude / norm` of each output's row of the adapted weight. Found once, by a pass over the tensor.
    private synchronized float[] factors() {
        if (factors == null) {
            Directions wanted = directions.orElseThrow();
            int columns = product.columns();
            double[] squares = new double[wanted.magnitudes().length];
            float[] row = new float[columns];
            for (int r = 0; r < product.rows(); r++) {
                readUnscaled((long) r * columns, columns, row);
                for (int c = 0; c < columns; c++) {
                    squares[wanted.outputsAreColumns() ? c : r] += (double) row[c] * row[c];
                }
            }
            float[] found = new float[squares.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = (float) (wanted.magnitudes()[i] / Math.sqrt(squares[i]));
            }
            factors = found;
        }
        return factors;
    }
}
