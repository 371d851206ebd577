package org.lewis.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Between stored elements and float32. Positions count elements, not bytes; memory is little endian, in any alignment.
///
/// Writing rounds to the nearest, ties to even, keeps infinities and turns values out of range into them. A NaN stays
/// a NaN, its payload need not.
public final class Conversion {

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Conversion() {}

    public static void fromFloat32(MemorySegment bytes, long from, int count, float[] target) {
        MemorySegment.copy(bytes, FLOAT, from * Float.BYTES, target, 0, count);
    }

    /// Two at a time: a pair of 16-bit halves, read as an int, becomes a pair of float32, written as a long.
    public static void fromBfloat16(MemorySegment bytes, long from, int count, float[] target) {
        MemorySegment pairs = bytes.asSlice(from * Short.BYTES, (long) count * Short.BYTES);
        MemorySegment floats = MemorySegment.ofArray(target).asSlice(0, (long) count * Float.BYTES);
        int whole = count / 2;
        for (int i = 0; i < whole; i++) {
            long pair = pairs.get(INT, (long) i * Integer.BYTES);
            floats.set(LONG, (long) i * Long.BYTES, (pair & 0xFFFF0000L) << 32 | (pair & 0xFFFF) << 16);
        }
        if (count % 2 != 0) {
            target[count - 1] = bfloat16(bytes.get(SHORT, (from + count - 1) * Short.BYTES));
        }
    }

    public static void fromFloat16(MemorySegment bytes, long from, int count, float[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = Float.float16ToFloat(bytes.get(SHORT, (from + i) * Short.BYTES));
        }
    }

    public static void fromFloat64(MemorySegment bytes, long from, int count, float[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = (float) bytes.get(DOUBLE, (from + i) * Double.BYTES);
        }
    }

    public static void toFloat32(float[] source, int count, MemorySegment bytes, long at) {
        MemorySegment.copy(source, 0, bytes, FLOAT, at * Float.BYTES, count);
    }

    /// Two at a time, as in [#fromBfloat16].
    public static void toBfloat16(float[] source, int count, MemorySegment bytes, long at) {
        MemorySegment pairs = bytes.asSlice(at * Short.BYTES, (long) count * Short.BYTES);
        MemorySegment floats = MemorySegment.ofArray(source).asSlice(0, (long) count * Float.BYTES);
        int whole = count / 2;
        for (int i = 0; i < whole; i++) {
            long pair = floats.get(LONG, (long) i * Long.BYTES);
            long upper = rounded(pair >>> 32) & 0xFFFF0000L;
            pairs.set(INT, (long) i * Integer.BYTES, (int) (upper | rounded(pair & 0xFFFFFFFFL) >>> 16));
        }
        if (count % 2 != 0) {
            bytes.set(SHORT, (at + count - 1) * Short.BYTES, bfloat16(source[count - 1]));
        }
    }

    /// [#bfloat16(float)] on the bits of a value, in the upper half of an int, without branches.
    private static long rounded(long bits) {
        long isNaN = (0x7F800000L - (bits & 0x7FFFFFFFL)) >> 63;
        long rounded = bits + 0x7FFF + (bits >>> 16 & 1);
        return rounded & ~isNaN | 0x7FC00000L & isNaN;
    }

    public static void toFloat16(float[] source, int count, MemorySegment bytes, long at) {
        for (int i = 0; i < count; i++) {
            bytes.set(SHORT, (at + i) * Short.BYTES, Float.floatToFloat16(source[i]));
        }
    }

    public static void toFloat64(float[] source, int count, MemorySegment bytes, long at) {
        for (int i = 0; i < count; i++) {
            bytes.set(DOUBLE, (at + i) * Double.BYTES, source[i]);
        }
    }

    /// The float32 whose upper half is the given bits.
    static float bfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /// The upper half of the float32, rounded to the nearest even.
    static short bfloat16(float value) {
        if (Float.isNaN(value)) {
            return (short) 0x7FC0;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    }
}
