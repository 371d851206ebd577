package org.lewis.merge;

import java.util.Arrays;
import org.lewis.kernel.Masks;

/// How calibration has the entries of one model's task vector ranked: by `|d| * s_j`, `s_j` the scale of their input
/// feature. Wanda's scale is the norm of the feature over the text, SparseGPT's is `1 / [H^-1]_jj`.
///
/// @param columns the scales, above 0; only their ratios count
/// @param within  among what entries compete
/// @param density share to keep, in (0, 1]
public record ColumnScales(ColumnFactors columns, Within within, double density) {

    /// What a feature without activations is worth against the one with most: less than any other, but not nothing, so
    /// that exactly the share asked for is kept.
    private static final float LEAST = 1e-20f;

    public enum Within {
        /// All entries of the tensor.
        TENSOR,
        /// Those of one output feature, as Wanda has it.
        OUTPUT
    }

    public ColumnScales {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("density must be in (0, 1], found " + density);
        }
    }

    /// @param scales not negative, one above 0
    public static ColumnScales of(float[] scales, boolean alongColumns, Within within, double density) {
        float most = 0;
        for (float scale : scales) {
            if (!(scale >= 0)) {
                throw new IllegalArgumentException("scales of columns must not be negative, found " + scale);
            }
            most = Math.max(most, scale);
        }
        float[] relative = scales.clone();
        for (int i = 0; i < relative.length; i++) {
            relative[i] = Math.max(LEAST, most == 0 ? 1 : relative[i] / most);
        }
        return new ColumnScales(new ColumnFactors(relative, alongColumns), within, density);
    }

    /// The same for another share.
    public ColumnScales keeping(double share) {
        return new ColumnScales(columns, within, share);
    }

    /// The task vector as it is ranked.
    TaskVector ranked(TaskVector vector) {
        columns.requireFit(vector.inputs());
        return new TaskVector(new ScaledVector(vector, columns), 0);
    }

    /// Drops from a task vector what another sparsity drops from the scaled one.
    Sparsity unscaled(TaskVector vector, Sparsity ofScaled) {
        return (values, from, count) -> {
            float[] scaled = Arrays.copyOf(values, count);
            columns.multiply(vector.inputs(), scaled, from, count);
            ofScaled.apply(scaled, from, count);
            int[] masks = new int[count];
            Masks.ofNonZero(scaled, count, masks);
            Masks.keep(values, 0, masks, count);
        };
    }
}
