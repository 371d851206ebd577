package org.lewis.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Ranking by magnitude. A magnitude is the bits of a float32 without its sign: an int that grows with the absolute
/// value, so that comparing and counting are exact. Infinity ranks above all numbers and NaN above infinity.
public final class Magnitudes {

    private static final int SIGN_OFF = 0x7FFFFFFF;

    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED;

    /// Of a selection.
    private static final int BIN_BITS = 11;

    private static final int BINS = 1 << BIN_BITS;

    /// Values that are searched at once.
    private static final int BLOCK = Scratch.SIZE;

    /// The largest magnitude: that of a NaN with all bits set.
    public static final int MAX = Integer.MAX_VALUE;

    private Magnitudes() {}

    public static int of(float value) {
        return Float.floatToRawIntBits(value) & SIGN_OFF;
    }

    /// The magnitudes of the first `count` values, written to `target` from `at` on.
    public static void copy(float[] values, int count, int[] target, int at) {
        // Bits are copied as bytes and then masked: a loop over floatToRawIntBits would not become vector code.
        MemorySegment.copy(MemorySegment.ofArray(values), BITS, 0, target, at, count);
        for (int i = at; i < at + count; i++) {
            target[i] &= SIGN_OFF;
        }
    }

    /// Sets to zero what lies in `[from, to)` and has a magnitude of at most `limit`; -1 spares all.
    public static void zeroUpTo(float[] values, int from, int to, int limit) {
        MemorySegment bits = MemorySegment.ofArray(values).asSlice((long) from * Float.BYTES, (to - from) * 4L);
        for (int i = 0; i < to - from; i++) {
            int value = bits.get(BITS, (long) i * Integer.BYTES);
            // All ones where the magnitude is above the limit.
            bits.set(BITS, (long) i * Integer.BYTES, value & (limit - (value & SIGN_OFF)) >> 31);
        }
    }

    /// The readable twin.
    static void zeroUpToScalar(float[] values, int from, int to, int limit) {
        for (int i = from; i < to; i++) {
            values[i] = of(values[i]) <= limit ? 0 : values[i];
        }
    }

    /// How many of the first `count` values have a magnitude above `limit`; -1 counts all.
    public static int countAbove(float[] values, int count, int limit) {
        MemorySegment bits = MemorySegment.ofArray(values).asSlice(0, (long) count * Float.BYTES);
        int found = 0;
        for (int i = 0; i < count; i++) {
            found += (limit - (bits.get(BITS, (long) i * Integer.BYTES) & SIGN_OFF)) >>> 31;
        }
        return found;
    }

    /// How many of the first `count` magnitudes are above `limit`; -1 counts all.
    public static int countAbove(int[] magnitudes, int count, int limit) {
        int found = 0;
        for (int i = 0; i < count; i++) {
            found += (limit - magnitudes[i]) >>> 31;
        }
        return found;
    }

    /// Appends to `target` from `at` on, in no particular order, the magnitudes of those of the first `count`
    /// values that lie in `[low, high]`.
    ///
    /// @param target with room for all of them
    /// @return the end of what `target` holds now
    public static int collect(float[] values, int count, int low, int high, int[] target, int at) {
        if (at + count > target.length) {
            throw new IllegalArgumentException("no room for " + count + " after " + at + " in " + target.length);
        }
        int[] block = Scratch.get().first();
        int[] marks = Scratch.get().second();
        int end = at;
        int from = 0;
        for (; from + BLOCK <= count; from += BLOCK) {
            MemorySegment.copy(MemorySegment.ofArray(values), BITS, (long) from * Float.BYTES, block, 0, BLOCK);
            mark(block, low, high, marks);
            joinFour(marks);
            joinTwo(marks);
            end = appendMarked(block, marks, target, end);
        }
        return collectScalar(values, from, count, low, high, target, end);
    }

    // Few lie inside, and chance defeats branch prediction. So the search is vector code, which packs its answers into
    // the bits of ever fewer ints; then only a walk over bits is left.

    /// Bit `k` of mark `i` tells of value `i + BLOCK / 4 * k`.
    private static void mark(int[] values, int low, int high, int[] marks) {
        for (int i = 0; i < BLOCK / 4; i++) {
            int outside = outside(values[i], low, high)
                    | outside(values[i + BLOCK / 4], low, high) << 1
                    | outside(values[i + BLOCK / 2], low, high) << 2
                    | outside(values[i + 3 * BLOCK / 4], low, high) << 3;
            marks[i] = ~outside & 0xF;
        }
    }

    private static int outside(int value, int low, int high) {
        int magnitude = value & SIGN_OFF;
        return (magnitude - low | high - magnitude) >>> 31;
    }

    /// Bits `4k` to `4k + 3` of mark `i` become those of mark `i + BLOCK / 16 * k`.
    private static void joinFour(int[] marks) {
        for (int i = 0; i < BLOCK / 16; i++) {
            marks[i] |= marks[i + BLOCK / 16] << 4 | marks[i + BLOCK / 8] << 8 | marks[i + 3 * BLOCK / 16] << 12;
        }
    }

    /// The upper half of mark `i` becomes mark `i + BLOCK / 32`.
    private static void joinTwo(int[] marks) {
        for (int i = 0; i < BLOCK / 32; i++) {
            marks[i] |= marks[i + BLOCK / 32] << 16;
        }
    }

    private static int appendMarked(int[] values, int[] marks, int[] target, int at) {
        int end = at;
        for (int i = 0; i < BLOCK / 32; i++) {
            for (int left = marks[i]; left != 0; left &= left - 1) {
                int bit = Integer.numberOfTrailingZeros(left);
                int place = i + BLOCK / 32 * (bit >>> 4) + BLOCK / 16 * (bit >>> 2 & 3) + BLOCK / 4 * (bit & 3);
                target[end++] = values[place] & SIGN_OFF;
            }
        }
        return end;
    }

    /// The readable twin.
    static int collectScalar(float[] values, int from, int to, int low, int high, int[] target, int at) {
        int end = at;
        for (int i = from; i < to; i++) {
            int magnitude = of(values[i]);
            if (magnitude >= low && magnitude <= high) {
                target[end++] = magnitude;
            }
        }
        return end;
    }

    /// Counts the magnitudes in `[low, high]` by `(magnitude - low) >>> shift`.
    public static void histogram(int[] magnitudes, int count, int low, int high, int shift, int[] bins) {
        for (int i = 0; i < count; i++) {
            if (magnitudes[i] >= low && magnitudes[i] <= high) {
                bins[(magnitudes[i] - low) >>> shift]++;
            }
        }
    }

    /// The `rank`-th largest (from 1) of the first `count` magnitudes, in linear time: by histograms of ever narrower
    /// ranges, those that lie in the wanted bin moving on.
    public static int select(int[] magnitudes, int count, int rank) {
        if (rank < 1 || rank > count) {
            throw new IllegalArgumentException("rank " + rank + " of " + count);
        }
        int wanted = count - rank;
        int[] bins = new int[BINS];
        int[] source = magnitudes;
        int size = count;
        while (true) {
            int low = smallest(source, size);
            int span = largest(source, size) - low;
            if (span == 0) {
                return low;
            }
            int shift = Math.max(0, Integer.SIZE - Integer.numberOfLeadingZeros(span) - BIN_BITS);
            Arrays.fill(bins, 0);
            count(source, size, low, shift, bins);
            int bin = 0;
            while (wanted >= bins[bin]) {
                wanted -= bins[bin++];
            }
            int[] target = new int[bins[bin]];
            pick(source, low, shift, bin, target);
            source = target;
            size = target.length;
        }
    }

    private static void count(int[] magnitudes, int count, int low, int shift, int[] bins) {
        for (int i = 0; i < count; i++) {
            bins[magnitudes[i] - low >>> shift]++;
        }
    }

    /// Fills `target` with what lies in one bin.
    private static void pick(int[] magnitudes, int low, int shift, int bin, int[] target) {
        int picked = 0;
        for (int i = 0; picked < target.length; i++) {
            target[picked] = magnitudes[i];
            picked += magnitudes[i] - low >>> shift == bin ? 1 : 0;
        }
    }

    private static int smallest(int[] magnitudes, int count) {
        int smallest = MAX;
        for (int i = 0; i < count; i++) {
            smallest = Math.min(smallest, magnitudes[i]);
        }
        return smallest;
    }

    static int largest(int[] magnitudes, int count) {
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, magnitudes[i]);
        }
        return largest;
    }

    /// Sorts the first `count` magnitudes in ascending order, in linear time: byte by byte from the lowest.
    ///
    /// @param scratch as long as the magnitudes; its contents are lost
    public static void sort(int[] magnitudes, int count, int[] scratch) {
        int[][] counts = new int[Integer.BYTES][256];
        for (int i = 0; i < count; i++) {
            int magnitude = magnitudes[i];
            counts[0][magnitude & 0xFF]++;
            counts[1][magnitude >>> 8 & 0xFF]++;
            counts[2][magnitude >>> 16 & 0xFF]++;
            counts[3][magnitude >>> 24]++;
        }
        int[] source = magnitudes;
        int[] target = scratch;
        for (int digit = 0; digit < Integer.BYTES; digit++) {
            int shift = digit * Byte.SIZE;
            if (count == 0 || counts[digit][source[0] >>> shift & 0xFF] == count) {
                continue; // all have the same
            }
            int[] ends = counts[digit];
            int begin = 0;
            for (int i = 0; i < ends.length; i++) {
                int size = ends[i];
                ends[i] = begin;
                begin += size;
            }
            for (int i = 0; i < count; i++) {
                target[ends[source[i] >>> shift & 0xFF]++] = source[i];
            }
            int[] sorted = target;
            target = source;
            source = sorted;
        }
        if (source != magnitudes) {
            System.arraycopy(source, 0, magnitudes, 0, count);
        }
    }
}
