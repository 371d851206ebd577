package org.lewis.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Decisions about elements: an int each to compute with, all bits set for what stays and none for what does not; and a
/// bit each to remember.
///
/// A group of [#GROUP] decisions takes [#BLOCK] ints: bit `k` of the `i`-th tells of element `i` of block `k`, so
/// that both directions become vector code.
public final class Masks {

    /// Decisions that are packed at once.
    public static final int BLOCK = Scratch.SIZE;

    /// Decisions that share their words.
    public static final int GROUP = BLOCK * Integer.SIZE;

    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int INFINITY = 0x7F800000;
    private static final int NAN = 0x7FC00000;

    private Masks() {}

    /// Sets those of `count` values from `at` on to zero that do not stay, but to NaN where they are not finite,
    /// so that a mask does not hide a broken weight.
    public static void keep(float[] all, int at, int[] masks, int count) {
        MemorySegment values = MemorySegment.ofArray(all).asSlice((long) at * Float.BYTES, (long) count * Float.BYTES);
        for (int j = 0; j < count; j++) {
            int value = values.get(BITS, (long) j * Integer.BYTES);
            int mask = masks[j];
            int finite = (value & Magnitudes.MAX) - INFINITY >> 31;
            values.set(BITS, (long) j * Integer.BYTES, value & mask | NAN & ~mask & ~finite);
        }
    }

    /// Says which of the first `count` values are not zero.
    public static void ofNonZero(float[] values, int count, int[] masks) {
        MemorySegment.copy(MemorySegment.ofArray(values), BITS, 0, masks, 0, count);
        for (int j = 0; j < count; j++) {
            masks[j] = -(masks[j] & Magnitudes.MAX) >> 31;
        }
    }

    /// Packs a block.
    ///
    /// @param masks [#BLOCK] of them
    /// @param words those of its group, as many, with zero where they go
    /// @param block its number in the group
    public static void pack(int[] masks, int[] words, int block) {
        int bit = 1 << block;
        for (int i = 0; i < BLOCK; i++) {
            words[i] |= masks[i] & bit;
        }
    }

    /// The masks of a packed block.
    public static void unpack(int[] words, int block, int[] masks) {
        int shift = Integer.SIZE - 1 - block;
        for (int i = 0; i < BLOCK; i++) {
            masks[i] = words[i] << shift >> 31;
        }
    }
}
