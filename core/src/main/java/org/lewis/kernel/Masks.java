package org.lewis.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Decisions about elements: an int each to compute with, all bits set for what stays and none for what does not; and a
/// bit each to remember.
///
/// A block of [#BLOCK] decisions takes [#WORDS] ints: bit `k` of the `i`-th tells of element `i + WORDS * k`, so that
/// both directions become vector code.
public final class Masks {

    /// Decisions that are packed at once.
    public static final int BLOCK = Scratch.SIZE;

    public static final int WORDS = BLOCK / Integer.SIZE;

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

    /// Packs a block.
    ///
    /// @param masks [#BLOCK] of them
    /// @param words where [#WORDS] of them go, from `at` on
    public static void pack(int[] masks, int[] words, int at) {
        for (int i = 0; i < WORDS; i++) {
            words[at + i] = 0;
        }
        // Four at a time, so that words are fetched and stored less often.
        for (int bit = 0; bit < Integer.SIZE; bit += 4) {
            int one = 1 << bit;
            int from = bit * WORDS;
            for (int i = 0; i < WORDS; i++) {
                words[at + i] |= masks[from + i] & one
                        | masks[from + WORDS + i] & one << 1
                        | masks[from + 2 * WORDS + i] & one << 2
                        | masks[from + 3 * WORDS + i] & one << 3;
            }
        }
    }

    /// The masks of a packed block.
    public static void unpack(int[] words, int at, int[] masks) {
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            int shift = Integer.SIZE - 1 - bit;
            int from = bit * WORDS;
            for (int i = 0; i < WORDS; i++) {
                masks[from + i] = words[at + i] << shift >> 31;
            }
        }
    }
}
