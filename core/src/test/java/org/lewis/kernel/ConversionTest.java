package org.lewis.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Conversions against twins that work out every bit on paper.
class ConversionTest {

    private static final int PATTERNS = 1 << 16;
    private static final int NAN = 0x7FC0;

    private static int[] sizes() {
        return Samples.lengths().toArray();
    }

    /// Every 16-bit pattern, one after the other.
    private static MemorySegment everyPattern() {
        short[] patterns = new short[PATTERNS];
        for (int i = 0; i < PATTERNS; i++) {
            patterns[i] = (short) i;
        }
        return MemorySegment.ofArray(patterns);
    }

    /// Floats of every exponent, with neighbours of the ties between two bfloat16, and what is no number.
    private static float[] awkwardFloats(int count) {
        Random random = new Random(count);
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            int bits = random.nextInt();
            int low = switch (random.nextInt(4)) {
                case 0 -> 0x8000;
                case 1 -> 0x8001;
                case 2 -> 0x7FFF;
                default -> bits & 0xFFFF;
            };
            floats[i] = Float.intBitsToFloat((bits & 0xFFFF0000) | low);
        }
        float[] special = {
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            -0f,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.MIN_VALUE,
            Float.intBitsToFloat(0xFFFFFFFF),
            Float.intBitsToFloat(0x7F800001)
        };
        System.arraycopy(special, 0, floats, 0, Math.min(count, special.length));
        return floats;
    }

    /// The nearest of two bfloat16 by exact distance; of two equally near the one with an even last bit.
    private static int bfloat16Twin(float value) {
        if (Float.isNaN(value)) {
            return NAN;
        }
        int down = Float.floatToRawIntBits(value) >>> 16;
        if (Float.isInfinite(value) || (Float.floatToRawIntBits(value) & 0xFFFF) == 0) {
            return down;
        }
        int distance = toBfloat16Distance(value, down).compareTo(toBfloat16Distance(value, down + 1));
        return distance < 0 || (distance == 0 && down % 2 == 0) ? down : down + 1;
    }

    private static BigDecimal toBfloat16Distance(float value, int bits) {
        float candidate = Float.intBitsToFloat(bits << 16);
        // Rounding treats the infinite one as the number that would follow the largest.
        BigDecimal exact = Float.isInfinite(candidate)
                ? new BigDecimal(2).pow(128).multiply(BigDecimal.valueOf(Math.signum(candidate)))
                : new BigDecimal(candidate);
        return exact.subtract(new BigDecimal(value)).abs();
    }

    @Test
    void everyBfloat16IsTheUpperHalfOfItsFloat() {
        float[] floats = new float[PATTERNS];
        Conversion.fromBfloat16(everyPattern(), 0, PATTERNS, floats);

        for (int i = 0; i < PATTERNS; i++) {
            assertThat(Float.floatToRawIntBits(floats[i])).isEqualTo(i << 16);
        }
    }

    @Test
    void everyBfloat16SurvivesTheWayThereAndBack() {
        float[] floats = new float[PATTERNS];
        short[] back = new short[PATTERNS];
        Conversion.fromBfloat16(everyPattern(), 0, PATTERNS, floats);
        Conversion.toBfloat16(floats, PATTERNS, MemorySegment.ofArray(back), 0);

        for (int i = 0; i < PATTERNS; i++) {
            assertThat(back[i] & 0xFFFF).isEqualTo(Float.isNaN(floats[i]) ? NAN : i);
        }
    }

    @Test
    void everyFloat16IsWhatItsBitsSay() {
        float[] floats = new float[PATTERNS];
        Conversion.fromFloat16(everyPattern(), 0, PATTERNS, floats);

        for (int i = 0; i < PATTERNS; i++) {
            int exponent = i >>> 10 & 0x1F;
            int mantissa = i & 0x3FF;
            double magnitude = exponent == 0 ? mantissa * 0x1p-24 : (1024 + mantissa) * Math.pow(2, exponent - 25);
            double value = i >>> 15 == 0 ? magnitude : -magnitude;
            if (exponent < 0x1F) {
                assertThat(floats[i]).isEqualTo((float) value);
            } else if (mantissa == 0) {
                assertThat(floats[i]).isEqualTo((float) (value * Double.POSITIVE_INFINITY));
            } else {
                assertThat(floats[i]).isNaN();
            }
        }
    }

    @Test
    void everyFloat16SurvivesTheWayThereAndBack() {
        float[] floats = new float[PATTERNS];
        short[] back = new short[PATTERNS];
        Conversion.fromFloat16(everyPattern(), 0, PATTERNS, floats);
        Conversion.toFloat16(floats, PATTERNS, MemorySegment.ofArray(back), 0);

        for (int i = 0; i < PATTERNS; i++) {
            if (Float.isNaN(floats[i])) {
                assertThat(Float.float16ToFloat(back[i])).isNaN();
            } else {
                assertThat(back[i]).isEqualTo((short) i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0x1.00p0, 3F80",
        "0x1.01p0, 3F80",
        "0x1.010002p0, 3F81",
        "0x1.03p0, 3F82",
        "-0x1.01p0, BF80",
        "0x1.fep127, 7F7F",
        "0x1.ff0p127, 7F80",
        "0x1.fefffep127, 7F7F",
        "-0x1.fffffep127, FF80",
        "0x0.000002p-126, 0000",
        "0x0.010002p-126, 0001",
        "NaN, 7FC0",
        "-Infinity, FF80",
        "-0.0, 8000"
    })
    void bfloat16RoundsToTheNearestAndTiesToEven(String value, String bits) {
        short[] stored = new short[1];
        Conversion.toBfloat16(new float[] {Float.parseFloat(value)}, 1, MemorySegment.ofArray(stored), 0);

        assertThat(stored[0] & 0xFFFF).isEqualTo(Integer.parseInt(bits, 16));
    }

    @ParameterizedTest
    @CsvSource({
        "65504, 7BFF",
        "65519.996, 7BFF",
        "65520, 7C00",
        "-65520, FC00",
        "0x1.002p0, 3C00",
        "0x1.006p0, 3C02",
        "0x1p-24, 0001",
        "0x1p-25, 0000",
        "0x1.000002p-25, 0001",
        "0x1.8p-24, 0002",
        "Infinity, 7C00"
    })
    void float16RoundsToTheNearestAndTiesToEven(String value, String bits) {
        short[] stored = new short[1];
        Conversion.toFloat16(new float[] {Float.parseFloat(value)}, 1, MemorySegment.ofArray(stored), 0);

        assertThat(stored[0] & 0xFFFF).isEqualTo(Integer.parseInt(bits, 16));
    }

    @ParameterizedTest
    @CsvSource({"0x1.000001p0, 0x1p0", "0x1.000003p0, 0x1.000004p0", "1e39, Infinity", "1e-50, 0.0", "NaN, NaN"})
    void float64IsRoundedOnce(String value, String rounded) {
        float[] floats = new float[1];
        double[] stored = {Double.parseDouble(value)};
        Conversion.fromFloat64(MemorySegment.ofArray(stored), 0, 1, floats);

        assertThat(floats[0]).isEqualTo(Float.valueOf(rounded));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bfloat16IsWrittenAsTheTwinDoes(int size) {
        float[] floats = awkwardFloats(size);
        short[] stored = new short[size];
        Conversion.toBfloat16(floats, size, MemorySegment.ofArray(stored), 0);

        for (int i = 0; i < size; i++) {
            assertThat(stored[i] & 0xFFFF).isEqualTo(bfloat16Twin(floats[i]));
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void anyAlignmentAndPositionIsFine(int size) {
        float[] floats = awkwardFloats(size);
        for (int offset = 0; offset < 5; offset++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment odd = arena.allocate(64 + 8L * (size + offset)).asSlice(3);
                assertThat(throughFloat64(odd, offset, floats)).containsExactly(floats);
                assertThat(throughFloat32(odd, offset, floats)).containsExactly(floats);
                assertThat(throughBfloat16(odd, offset, floats)).containsExactly(bfloat16Twins(floats));
            }
        }
    }

    private static float[] throughFloat64(MemorySegment bytes, int at, float[] floats) {
        float[] read = new float[floats.length];
        Conversion.toFloat64(floats, floats.length, bytes, at);
        Conversion.fromFloat64(bytes, at, floats.length, read);
        return read;
    }

    private static float[] throughFloat32(MemorySegment bytes, int at, float[] floats) {
        float[] read = new float[floats.length];
        Conversion.toFloat32(floats, floats.length, bytes, at);
        Conversion.fromFloat32(bytes, at, floats.length, read);
        return read;
    }

    private static float[] throughBfloat16(MemorySegment bytes, int at, float[] floats) {
        float[] read = new float[floats.length];
        Conversion.toBfloat16(floats, floats.length, bytes, at);
        Conversion.fromBfloat16(bytes, at, floats.length, read);
        return read;
    }

    private static float[] bfloat16Twins(float[] floats) {
        float[] twins = new float[floats.length];
        for (int i = 0; i < floats.length; i++) {
            twins[i] = Float.intBitsToFloat(bfloat16Twin(floats[i]) << 16);
        }
        return twins;
    }

    @Test
    void aMillionFloatsAgreeWithTheTwinBitForBit() {
        float[] floats = awkwardFloats(1 << 20);
        short[] stored = new short[floats.length];
        Conversion.toBfloat16(floats, floats.length, MemorySegment.ofArray(stored), 0);
        float[] read = new float[floats.length];
        Conversion.fromBfloat16(MemorySegment.ofArray(stored), 0, floats.length, read);

        for (int i = 0; i < floats.length; i++) {
            if (stored[i] != Conversion.bfloat16(floats[i])
                    || Float.floatToRawIntBits(read[i]) != Float.floatToRawIntBits(Conversion.bfloat16(stored[i]))) {
                throw new AssertionError("element " + i + ": " + floats[i]);
            }
        }
    }

    @Test
    void neighboursOfTheRangeStayUntouched() {
        byte[] bytes = new byte[2 * 40];
        java.util.Arrays.fill(bytes, (byte) 0x55);
        Conversion.toBfloat16(new float[40], 33, MemorySegment.ofArray(bytes), 3);

        MemorySegment written = MemorySegment.ofArray(bytes);
        for (int i = 0; i < 40; i++) {
            short element = written.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i);
            assertThat(element).isEqualTo(i < 3 || i >= 36 ? (short) 0x5555 : 0);
        }
    }

    @Test
    void reachingBeyondTheMemoryIsRefused() {
        MemorySegment ten = MemorySegment.ofArray(new byte[10]);
        float[] target = new float[100];

        assertThatThrownBy(() -> Conversion.fromBfloat16(ten, 1, 5, target))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Conversion.fromFloat16(ten, 1, 5, target))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Conversion.fromFloat32(ten, 0, 3, target))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Conversion.toBfloat16(target, 6, ten, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
