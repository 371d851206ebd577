package org.lewis.tensor;

import java.lang.foreign.MemorySegment;
import org.lewis.kernel.Conversion;
import org.lewis.kernel.Magnitudes;

/// The one rounding at the end of whatever is computed in float32: to the dtype of the result.
public final class Rounding {

    /// Magnitude of the largest float32.
    public static final int LARGEST_FLOAT = Magnitudes.of(Float.MAX_VALUE);

    private Rounding() {}

    /// @param at position of the first element in `target`
    /// @throws IllegalArgumentException when the dtype is none that a merge computes with
    public static void write(float[] values, int count, Dtype dtype, MemorySegment target, long at) {
        switch (dtype) {
            case F32 -> Conversion.toFloat32(values, count, target, at);
            case BF16 -> Conversion.toBfloat16(values, count, target, at);
            case F16 -> Conversion.toFloat16(values, count, target, at);
            case F64 -> Conversion.toFloat64(values, count, target, at);
            default -> throw new IllegalArgumentException("nothing computed can be stored as " + dtype);
        }
    }

    /// Magnitude of the largest float32 that does not become infinite.
    public static int largestFinite(Dtype dtype) {
        return switch (dtype) {
            case F16 -> Magnitudes.of(65520f) - 1;
            case BF16 -> 0x7F7F7FFF;
            default -> LARGEST_FLOAT;
        };
    }
}
