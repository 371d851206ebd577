package org.lewis.measure;

import java.util.List;

/// The task vector of one fine-tune, `d = tuned - base`, in one tensor or in several. Elements where either is NaN or
/// infinite are counted and otherwise left out.
///
/// @param zeros       elements that fine-tuning left exactly as they were
/// @param squares     sum of `d^2`
/// @param baseSquares sum of the squares of the base
/// @param largest     the largest `|d|`
/// @param octaves     how many elements have `2^k <= |d| < 2^(k+1)`, at index `k + 127`; subnormal ones at 0
public record Change(
        long elements, long zeros, long nonFinite, double squares, double baseSquares, double largest, long[] octaves) {

    /// Exponents of float32, without that of infinity.
    public static final int OCTAVES = 255;

    public Change {
        octaves = octaves.clone();
    }

    @Override
    public long[] octaves() {
        return octaves.clone();
    }

    public double norm() {
        return Math.sqrt(squares);
    }

    /// `|d| / |base|`; 0 when nothing changed, infinite when the base is zero and something did.
    public double relativeNorm() {
        return squares == 0 ? 0 : Math.sqrt(squares / baseSquares);
    }

    /// The share of elements that are exactly as in the base; NaN without elements.
    public double sparsity() {
        return (double) zeros / elements;
    }

    /// Of several taken together, added in their order.
    static Change sum(List<Change> parts) {
        long elements = 0;
        long zeros = 0;
        long nonFinite = 0;
        double squares = 0;
        double baseSquares = 0;
        double largest = 0;
        long[] octaves = new long[OCTAVES];
        for (Change part : parts) {
            elements += part.elements;
            zeros += part.zeros;
            nonFinite += part.nonFinite;
            squares += part.squares;
            baseSquares += part.baseSquares;
            largest = Math.max(largest, part.largest);
            for (int i = 0; i < OCTAVES; i++) {
                octaves[i] += part.octaves[i];
            }
        }
        return new Change(elements, zeros, nonFinite, squares, baseSquares, largest, octaves);
    }

    /// @param base  values of the base
    /// @param delta the differences to it
    static Change of(float[] base, float[] delta) {
        long zeros = 0;
        long nonFinite = 0;
        double squares = 0;
        double baseSquares = 0;
        float largest = 0;
        long[] octaves = new long[OCTAVES];
        for (int i = 0; i < delta.length; i++) {
            float magnitude = Math.abs(delta[i]);
            if (magnitude <= Float.MAX_VALUE) {
                zeros += magnitude == 0 ? 1 : 0;
                squares += (double) magnitude * magnitude;
                baseSquares += (double) base[i] * base[i];
                largest = Math.max(largest, magnitude);
                octaves[Float.floatToRawIntBits(magnitude) >>> 23] += magnitude == 0 ? 0 : 1;
            } else {
                nonFinite++;
            }
        }
        return new Change(delta.length, zeros, nonFinite, squares, baseSquares, largest, octaves);
    }
}
