package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.kernel.Magnitudes;

/// A trim keeps what sorting would keep: the largest magnitudes, and of equal ones the first.
class TrimTest {

    private static final double[] DENSITIES = {1e-9, 0.01, 0.2, 0.5, 0.9, 0.999, 1};

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 63, 64, 65, 1000, 8191, 8193})
    void keepsWhatSortingKeeps(int size) {
        for (double density : DENSITIES) {
            assertTrimEqualsSorting(noise(size, size), density);
            assertTrimEqualsSorting(ties(size, 3), density);
            assertTrimEqualsSorting(new float[size], density);
        }
    }

    /// Tensors of one chunk, of a little more and of several, where a sample leads the way.
    static Stream<float[]> largeTensors() {
        return Stream.of(Crew.CHUNK - 1, Crew.CHUNK, Crew.CHUNK + 1, 3 * Crew.CHUNK + 17)
                .flatMap(size -> Stream.of(
                        noise(size, size),
                        ties(size, 2),
                        ties(size, 40),
                        ties(size, 100_000),
                        bfloat16Steps(size),
                        mostlyZero(size),
                        constant(size, -0.5f),
                        firstRowsOnly(size),
                        withSpecials(size)));
    }

    @ParameterizedTest
    @MethodSource("largeTensors")
    void keepsWhatSortingKeepsInTensorsOfSeveralChunks(float[] values) {
        for (double density : new double[] {1e-9, 0.2, 0.5, 0.97}) {
            assertTrimEqualsSorting(values, density);
        }
    }

    /// Every entry that a sample looks at is tiny or huge while all others are ordinary, so that the sample's bracket
    /// misses on either side or holds everything.
    @ParameterizedTest
    @ValueSource(floats = {0f, 1e-30f, 1e30f, Float.NaN})
    void aSampleThatLiesCostsTimeButNotTheResult(float lie) {
        float[] values = noise(3 * Crew.CHUNK + 5, 1);
        boolean[] sampled = sampledPositions(values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = sampled[i] ? lie : values[i];
        }
        for (double density : new double[] {0.001, 0.2, 0.5, 0.999}) {
            assertTrimEqualsSorting(values, density);
        }
    }

    @Test
    void aSampleOfWildlyDifferentValuesBracketsEverything() {
        float[] values = noise(3 * Crew.CHUNK + 5, 1);
        boolean[] sampled = sampledPositions(values.length);
        for (int i = 0; i < values.length; i++) {
            if (sampled[i]) {
                values[i] = i % 2 == 0 ? 0 : 1e30f;
            }
        }
        assertTrimEqualsSorting(values, 0.5);
    }

    @Test
    void theThresholdDoesNotDependOnTheOrderOfTheChunks() {
        TaskVector vector = ArrayInputs.vector(ties(5 * Crew.CHUNK + 3, 50));
        assertThat(Trim.toLargest(vector, 0.37, new Backwards())).isEqualTo(Trim.toLargest(vector, 0.37, Crew.ALONE));
    }

    @Test
    void valuesThatAreNotFiniteCountAsTheLargest() {
        float[] values = {1, Float.NaN, 3, Float.POSITIVE_INFINITY, 2, Float.intBitsToFloat(-1)};
        assertThat(trimmed(values, 0.5)).containsExactly(0, Float.NaN, 0, Float.POSITIVE_INFINITY, 0, Float.NaN);
    }

    private static void assertTrimEqualsSorting(float[] values, double density) {
        assertThat(trimmed(values, density)).isEqualTo(sortingTwin(values, density));
    }

    @ParameterizedTest
    @MethodSource("largeTensors")
    void aShareOfWhatIsNotZeroIsCountedOnTheWay(float[] values) {
        int nonZero = Magnitudes.countAbove(values, values.length, 0);
        for (double share : new double[] {1e-9, 0.2, 0.5, 0.97}) {
            int kept = (int) Math.floor(share * nonZero);
            Optional<Trim> trim = new Selection(ArrayInputs.vector(values), Crew.ALONE).largestOfNonZero(share);
            assertThat(trim.isPresent()).isEqualTo(kept > 0);
            trim.ifPresent(found -> assertThat(trimmed(values, found)).isEqualTo(sortingTwin(values, kept)));
        }
    }

    private static float[] trimmed(float[] values, double density) {
        return trimmed(values, Trim.toLargest(ArrayInputs.vector(values), density, Crew.ALONE));
    }

    private static float[] trimmed(float[] values, Sparsity trim) {
        float[] trimmed = values.clone();
        for (int from = 0; from < trimmed.length; from += Tile.SIZE) {
            float[] tile = Arrays.copyOfRange(trimmed, from, Math.min(trimmed.length, from + Tile.SIZE));
            trim.apply(tile, from, tile.length);
            System.arraycopy(tile, 0, trimmed, from, tile.length);
        }
        return trimmed;
    }

    private static float[] sortingTwin(float[] values, double density) {
        return sortingTwin(values, Math.max(1, (int) Math.floor(density * values.length)));
    }

    private static float[] sortingTwin(float[] values, int kept) {
        long[] order = new long[values.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (long) (Magnitudes.MAX - Magnitudes.of(values[i])) << 32 | i;
        }
        Arrays.sort(order);
        float[] trimmed = new float[values.length];
        for (int i = 0; i < kept; i++) {
            int index = (int) order[i];
            trimmed[index] = values[index];
        }
        return trimmed;
    }

    /// Finds out which entries are looked at in pieces shorter than a tile.
    private static boolean[] sampledPositions(int size) {
        boolean[] sampled = new boolean[size];
        AtomicInteger pieces = new AtomicInteger();
        ArrayInputs inputs = ArrayInputs.of(new float[size], noise(size, 9));
        Inputs watched = new Inputs() {
            @Override
            public List<Long> dimensions() {
                return inputs.dimensions();
            }

            @Override
            public boolean hasBase() {
                return true;
            }

            @Override
            public int models() {
                return 1;
            }

            @Override
            public void read(int model, long from, int count, float[] target) {
                inputs.read(model, from, count, target);
                if (count < Tile.SIZE && from + count < size) {
                    Arrays.fill(sampled, (int) from, (int) from + count, true);
                    pieces.incrementAndGet();
                }
            }

            @Override
            public void readBase(long from, int count, float[] target) {
                inputs.readBase(from, count, target);
            }
        };
        Trim.toLargest(new TaskVector(watched, 0), 0.5, Crew.ALONE);
        assertThat(pieces.get()).as("pieces of a sample").isGreaterThan(10);
        return sampled;
    }

    private static float[] noise(int size, long seed) {
        return Merging.noise(size, seed);
    }

    private static float[] ties(int size, int distinct) {
        SplittableRandom random = new SplittableRandom(size);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextInt(-distinct, distinct + 1) * 0.125f;
        }
        return values;
    }

    /// Differences as bfloat16 models have them: few values, and all the finer ones near zero.
    private static float[] bfloat16Steps(int size) {
        SplittableRandom random = new SplittableRandom(size);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            float base = bfloat16((float) random.nextGaussian() * 0.02f);
            values[i] = bfloat16(base + (float) random.nextGaussian() * 5e-4f) - base;
        }
        return values;
    }

    private static float bfloat16(float value) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(value) + 0x8000 & 0xFFFF0000);
    }

    private static float[] mostlyZero(int size) {
        SplittableRandom random = new SplittableRandom(size);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextInt(10) == 0 ? (float) random.nextGaussian() : 0;
        }
        return values;
    }

    private static float[] constant(int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return values;
    }

    private static float[] firstRowsOnly(int size) {
        float[] values = noise(size, size);
        Arrays.fill(values, size / 5, size, 0);
        return values;
    }

    private static float[] withSpecials(int size) {
        float[] values = noise(size, size);
        for (int i = 0; i < size; i += 3) {
            values[i] = switch (i % 5) {
                case 0 -> Float.NaN;
                case 1 -> Float.NEGATIVE_INFINITY;
                case 2 -> Float.intBitsToFloat(0x7FFFFFFF);
                default -> -0f;
            };
        }
        return values;
    }

    /// Runs the last chunk first.
    private static final class Backwards implements Crew {
        @Override
        public <T> java.util.List<T> map(int count, java.util.function.IntFunction<T> task) {
            java.util.LinkedList<T> results = new java.util.LinkedList<>();
            for (int i = count - 1; i >= 0; i--) {
                results.addFirst(task.apply(i));
            }
            return results;
        }
    }
}
