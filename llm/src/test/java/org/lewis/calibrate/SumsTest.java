package org.lewis.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/// Sums of the tensor library beside our own, on tensors of the CPU.
class SumsTest {

    private static final int FEATURES = 300;

    @Test
    void sumsOnADeviceEqualThoseInMemory() {
        for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.BFloat16}) {
            Sums.Totals memory = totals(new Sums.InMemory(FEATURES), type);
            Sums.Totals device = totals(new DeviceSums(FEATURES), type);
            assertThat(device.tokens()).isEqualTo(memory.tokens()).isEqualTo(1 + 17 + 530);
            for (int i = 0; i < FEATURES; i++) {
                assertThat(device.squares()[i]).isCloseTo(memory.squares()[i], within(1e-6 * memory.squares()[i]));
                assertThat(device.magnitudes()[i])
                        .isCloseTo(memory.magnitudes()[i], within(1e-6 * memory.magnitudes()[i]));
            }
            assertThat(device.inputNorms()).isCloseTo(memory.inputNorms(), within(1e-6 * memory.inputNorms()));
            assertThat(device.outputNorms()).isCloseTo(memory.outputNorms(), within(1e-6 * memory.outputNorms()));
        }
    }

    @Test
    void whatNothingPassedIsZero() {
        Sums.Totals none = new DeviceSums(2).finish();
        assertThat(none.squares()).containsExactly(0, 0);
        assertThat(none.magnitudes()).containsExactly(0, 0);
        assertThat(none.inputNorms() + none.outputNorms() + none.tokens()).isZero();
    }

    @Test
    void sumsAreThoseOfPlainLoops() {
        Sums.InMemory sums = new Sums.InMemory(2);
        try (PointerScope _ = new PointerScope()) {
            Tensor matrix = torch.zeros(3, 2);
            float[] flat = {3, -1, 0, 2, -4, 2};
            new FloatPointer(matrix.data_ptr()).put(flat);
            sums.ofInput(matrix).add();
            sums.ofOutput(matrix).add();
            sums.ofOutput(matrix).add();
        }
        Sums.Totals totals = sums.finish();
        assertThat(totals.squares()).containsExactly(25, 9);
        assertThat(totals.magnitudes()).containsExactly(7, 5);
        assertThat(totals.inputNorms()).isEqualTo((float) Math.sqrt(34));
        assertThat(totals.outputNorms()).isEqualTo(2.0 * (float) Math.sqrt(34));
    }

    private static Sums.Totals totals(Sums sums, ScalarType type) {
        Random random = new Random(1);
        for (int tokens : new int[] {1, 17, 530}) {
            try (PointerScope _ = new PointerScope()) {
                sums.ofInput(noise(random, tokens, FEATURES).to(type)).add();
                sums.ofOutput(noise(random, tokens, 700).to(type)).add();
            }
        }
        return sums.finish();
    }

    private static Tensor noise(Random random, int rows, int columns) {
        Tensor tensor = torch.zeros(rows, columns);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * (1 + i % 7));
        }
        new FloatPointer(tensor.data_ptr()).put(values);
        return tensor;
    }
}
