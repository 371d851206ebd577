package org.lewis.kernel;

import java.util.Arrays;

/// Element-wise arithmetic on the first `count` elements. Plain loops: the compiler turns each into vector code.
public final class Arithmetic {

    private Arithmetic() {}

    /// `target -= other`
    public static void subtract(float[] target, float[] other, int count) {
        for (int i = 0; i < count; i++) {
            target[i] -= other[i];
        }
    }

    /// `target = base + target`, and the very bits of the base where there is nothing to add.
    ///
    /// A sum would turn a base of -0 into 0 there; a difference to zero does not, and is the same everywhere else.
    public static void addTo(float[] base, float[] target, int count) {
        for (int i = 0; i < count; i++) {
            target[i] = base[i] - (0 - target[i]);
        }
    }

    /// `target += scale * other`, one rounding per element.
    public static void addScaled(float[] target, float scale, float[] other, int count) {
        for (int i = 0; i < count; i++) {
            target[i] = Math.fma(scale, other[i], target[i]);
        }
    }

    /// `target *= scale`
    public static void scale(float[] target, float scale, int count) {
        for (int i = 0; i < count; i++) {
            target[i] *= scale;
        }
    }

    /// `target *= scale` from position `at` on.
    public static void scale(float[] target, int at, float scale, int count) {
        for (int i = at; i < at + count; i++) {
            target[i] *= scale;
        }
    }

    /// `target *= factors`, from position `at` of the one and `from` of the others on.
    public static void multiply(float[] target, int at, float[] factors, int from, int count) {
        for (int i = 0; i < count; i++) {
            target[at + i] *= factors[from + i];
        }
    }

    /// Sum of the absolute values of all that are finite, in an order that the count alone decides: pairwise in float32
    /// over 16, in double over the sums of these.
    public static double sumOfMagnitudes(float[] values, int count) {
        float[] block = Scratch.get().floats();
        double sum = 0;
        for (int from = 0; from < count; from += Scratch.SIZE) {
            int size = Math.min(Scratch.SIZE, count - from);
            System.arraycopy(values, from, block, 0, size);
            Arrays.fill(block, size, Scratch.SIZE, 0);
            sum += sumOfMagnitudes(block);
        }
        return Double.isFinite(sum) ? sum : sumOfFinite(values, count);
    }

    /// Each loop adds the upper half to the lower, and a constant between the two makes vector code of it.
    private static double sumOfMagnitudes(float[] block) {
        for (int i = 0; i < Scratch.SIZE / 2; i++) {
            block[i] = Math.abs(block[i]) + Math.abs(block[i + Scratch.SIZE / 2]);
        }
        for (int i = 0; i < Scratch.SIZE / 4; i++) {
            block[i] += block[i + Scratch.SIZE / 4];
        }
        for (int i = 0; i < Scratch.SIZE / 8; i++) {
            block[i] += block[i + Scratch.SIZE / 8];
        }
        for (int i = 0; i < Scratch.SIZE / 16; i++) {
            block[i] += block[i + Scratch.SIZE / 16];
        }
        double even = 0;
        double odd = 0;
        for (int i = 0; i < Scratch.SIZE / 16; i += 2) {
            even += block[i];
            odd += block[i + 1];
        }
        return even + odd;
    }

    private static double sumOfFinite(float[] values, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            float magnitude = Math.abs(values[i]);
            sum += magnitude <= Float.MAX_VALUE ? magnitude : 0;
        }
        return sum;
    }
}
