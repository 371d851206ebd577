package org.lewis.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

class ValueStatisticsTest {

    static Tensor tensor(float... values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Float.BYTES]);
        bytes.copyFrom(MemorySegment.ofArray(values));
        return new Tensor("t", Dtype.F32, Shape.of(values.length), bytes);
    }

    static float[] noise(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void everyKindOfValueIsCounted() {
        assertThat(ValueStatistics.of(
                        tensor(3, 0, -0f, -4, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN)))
                .isEqualTo(new ValueStatistics(8, 2, 2, 2, 25, -1, -4, 3));
        assertThat(ValueStatistics.of(tensor()).elements()).isZero();
        assertThat(ValueStatistics.of(tensor(Float.NaN)).mean()).isNaN();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, Pieces.SIZE - 1, Pieces.SIZE, Pieces.SIZE + 1, 3 * Pieces.SIZE + 17})
    void sumsAreThoseOfAPlainLoopInDouble(int count) {
        float[] values = noise(count, count);
        double squares = 0;
        double sum = 0;
        for (float value : values) {
            squares += (double) value * value;
            sum += value;
        }
        ValueStatistics found = ValueStatistics.of(tensor(values));
        assertThat(found.squares()).isCloseTo(squares, within(1e-12 * squares));
        assertThat(found.mean()).isCloseTo(sum / count, within(1e-12));
        assertThat(found.norm()).isEqualTo(Math.sqrt(found.squares()));
    }

    @Test
    void theNumberOfThreadsChangesNoBit() throws Exception {
        Tensor tensor = tensor(noise(1, 5 * Pieces.SIZE + 3));
        ValueStatistics expected = ValueStatistics.of(tensor);
        for (int threads : new int[] {1, 3}) {
            try (ForkJoinPool pool = new ForkJoinPool(threads)) {
                assertThat(pool.submit(() -> ValueStatistics.of(tensor)).get()).isEqualTo(expected);
            }
        }
    }

    @Test
    void severalTensorsAddUp() {
        assertThat(ValueStatistics.sum(List.of(ValueStatistics.of(tensor(1, 2)), ValueStatistics.of(tensor(-3, 0)))))
                .isEqualTo(new ValueStatistics(4, 1, 0, 0, 14, 0, -3, 2));
    }
}
