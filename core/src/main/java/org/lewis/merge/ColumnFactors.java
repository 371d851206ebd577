package org.lewis.merge;

import org.lewis.kernel.Arithmetic;

/// One factor for each input feature of a linear layer.
///
/// @param factors        by feature, finite
/// @param alongColumns   whether features lie along the last dimension, as in `[out, in]`, or along the first
public record ColumnFactors(float[] factors, boolean alongColumns) {

    public ColumnFactors {
        for (float factor : factors) {
            if (!Float.isFinite(factor)) {
                throw new IllegalArgumentException("factors of columns must be finite, found " + factor);
            }
        }
    }

    /// @throws IllegalArgumentException when the tensors are no matrices with that many features
    void requireFit(Inputs inputs) {
        int dimension = alongColumns ? 1 : 0;
        if (inputs.dimensions().size() != 2 || inputs.dimensions().get(dimension) != factors.length) {
            throw new IllegalArgumentException(factors.length + " factors do not fit a tensor of " + inputs.dimensions()
                    + " with features along dimension " + dimension);
        }
    }

    /// The vectors that a feature's weights form.
    Vectors features() {
        return alongColumns ? Vectors.COLUMNS : Vectors.ROWS;
    }

    /// The vectors that an output's weights form.
    Vectors outputs() {
        return alongColumns ? Vectors.ROWS : Vectors.COLUMNS;
    }

    /// Multiplies `count` entries of a tensor from position `from` on.
    void multiply(Inputs inputs, float[] values, long from, int count) {
        features().eachRun(inputs, from, count, (begin, run, feature, many) -> {
            if (many == 1) {
                Arithmetic.scale(values, begin, factors[feature], run);
            } else {
                Arithmetic.multiply(values, begin, factors, feature, run);
            }
        });
    }
}
