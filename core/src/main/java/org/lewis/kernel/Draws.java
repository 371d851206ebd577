package org.lewis.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Random decisions that depend on nothing but a key and a position: the same for any order, chunking or thread count.
///
/// Draw `i` is a 32-bit mix of `i` under a 64-bit key, of the kind that passes avalanche tests: xor-shifts and odd
/// multipliers, the key entering before and between the two rounds.
public final class Draws {

    /// 0, 1, 2, ...: with numbers read from memory a loop becomes vector code, with its own counter it does not.
    private static final int[] STEPS = IntStream.range(0, Scratch.SIZE).toArray();

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Draws() {}

    /// A key of its own for each seed, tensor and model.
    public static long key(long seed, String tensor, String model) {
        long key = mix(seed + GOLDEN);
        for (byte b : (tensor + "\0" + model).getBytes(StandardCharsets.UTF_8)) {
            key = mix((key ^ (b & 0xFF)) + GOLDEN);
        }
        return key;
    }

    /// Decides for each of `count` elements, the first by draw number `from`, whether it stays, with probability
    /// `share`.
    ///
    /// @param masks what [Masks] are made of
    public static void masks(long key, long from, int count, double share, int[] masks) {
        long limit = Math.round(share * 0x1p32);
        if (limit >= 1L << 32) {
            Arrays.fill(masks, 0, count, -1);
            return;
        }
        draw(key, from, masks, count);
        areBelow(masks, count, (int) limit, masks);
    }

    /// All bits set where the draw, as an unsigned number, is below the limit.
    ///
    /// @param masks may be the draws
    static void areBelow(int[] draws, int count, int limit, int[] masks) {
        // The difference has the right sign where both have the same; else the one without is the smaller.
        if (limit >= 0) {
            for (int j = 0; j < count; j++) {
                masks[j] = (draws[j] - limit & ~draws[j]) >> 31;
            }
        } else {
            for (int j = 0; j < count; j++) {
                masks[j] = (draws[j] - limit | ~draws[j]) >> 31;
            }
        }
    }

    /// Draws `from` to `from + count`, each an unsigned int: the same that [#masks] decides by.
    public static void draw(long key, long from, int[] target, int count) {
        int[] block = Scratch.get().second();
        int done = 0;
        while (done < count) {
            // The upper half of the position is constant over a run.
            long position = from + done;
            int run = (int) Math.min(Math.min(Scratch.SIZE, count - done), 0x1_0000_0000L - (position & 0xFFFF_FFFFL));
            // Most often there is one run, which needs no copy.
            draw(upper(key, position), lower(key), (int) position, done == 0 ? target : block, run);
            if (done > 0) {
                System.arraycopy(block, 0, target, done, run);
            }
            done += run;
        }
    }

    private static void draw(int first, int second, int position, int[] target, int count) {
        for (int j = 0; j < count; j++) {
            target[j] = draw(first, second, position + STEPS[j]);
        }
    }

    /// The readable twin.
    static void keepShareScalar(float[] values, int begin, int end, long key, long from, int limit) {
        for (int j = begin; j < end; j++) {
            long position = from + j;
            int draw = draw(upper(key, position), lower(key), (int) position);
            values[j] = Integer.compareUnsigned(draw, limit) < 0 ? values[j] : Math.abs(values[j]) * 0;
        }
    }

    static int draw(int first, int second, int position) {
        int h = position ^ first;
        h = (h ^ h >>> 16) * 0x21F0AAAD;
        h = (h ^ h >>> 15) * 0xD35A2D97;
        h = (h ^ h >>> 15) + second;
        h = (h ^ h >>> 16) * 0x7FEB352D;
        h = (h ^ h >>> 15) * 0x846CA68B;
        return h ^ h >>> 16;
    }

    private static int upper(long key, long position) {
        return (int) (mix(key + GOLDEN * (position >>> 32)) >>> 32);
    }

    private static int lower(long key) {
        return (int) key;
    }

    /// Stafford's 64-bit finalizer, variant 13.
    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
