package org.lewis.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {

    private static Tensor tensor(Dtype dtype, Shape shape, int bytes) {
        return new Tensor("w", dtype, shape, MemorySegment.ofArray(new byte[bytes]));
    }

    @Test
    void bytesMustBeThoseOfTheShape() {
        assertThatThrownBy(() -> tensor(Dtype.F16, Shape.of(2, 3), 11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("w: F16 [2, 3] does not take 11 bytes");
    }

    @ParameterizedTest
    @EnumSource(Dtype.class)
    void everyMergeableDtypeReadsAsFloatsAndNoOther(Dtype dtype) {
        Tensor tensor = tensor(dtype, Shape.of(8), dtype.bits());

        if (dtype.isMergeable()) {
            assertThat(tensor.floats()).containsOnly(0f).hasSize(8);
        } else {
            assertThatThrownBy(tensor::floats)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("w: no float32 view of " + dtype);
        }
    }

    @Test
    void readingBeyondTheEndIsRefused() {
        Tensor tensor = tensor(Dtype.BF16, Shape.of(4), 8);

        assertThatThrownBy(() -> tensor.read(2, 3, new float[3])).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tensor.read(-1, 1, new float[1])).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /// Reading a page maps those around it, too, some of them of elements that were released before.
    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsReadAndReleasedStepByStepLeavesNothing(@TempDir Path folder) throws IOException {
        int elements = 1 << 23;
        Path file = Files.write(folder.resolve("w"), new byte[elements * Float.BYTES]);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            Tensor tensor = new Tensor(
                    "w",
                    Dtype.F32,
                    Shape.of(elements),
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            int step = 50_000;
            float[] values = new float[step];
            long before = mappedPages();
            for (int at = 0; at + step <= elements; at += step) {
                tensor.read(at, step, values);
                tensor.release(at, at + step);
            }

            // Of 32768.
            assertThat(mappedPages() - before).isLessThan(400);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void releasedElementsTakeNoMemoryAndCanBeReadAgain(@TempDir Path folder) throws IOException {
        int elements = 1 << 23;
        Path file = Files.write(folder.resolve("w"), new byte[elements * Float.BYTES]);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            Tensor tensor = new Tensor(
                    "w",
                    Dtype.F32,
                    Shape.of(elements),
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            float[] read = tensor.floats();
            long before = mappedPages();
            tensor.release(0, elements / 2);

            assertThat(before - mappedPages()).isBetween(12_000L, 20_000L);
            assertThat(tensor.floats()).isEqualTo(read);
        }
        tensor(Dtype.F32, Shape.of(2), 8).release(0, 2); // of the heap, which nobody can give back
    }

    /// Kilobytes of mapped files that this process holds.
    private static long mappedPages() throws IOException {
        return Files.readString(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("RssFile:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    @ParameterizedTest
    @EnumSource(Dtype.class)
    void namesAreThoseOfTheFormat(Dtype dtype) {
        assertThat(Dtype.named(dtype.name())).contains(dtype);
        assertThat(Dtype.named(dtype.name().toLowerCase(java.util.Locale.ROOT))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"F32, 3, 12", "F4, 4, 2", "F6_E2M3, 4, 3", "BOOL, 5, 5", "C64, 2, 16"})
    void bytesFollowFromBits(Dtype dtype, long elements, long bytes) {
        assertThat(dtype.bytes(elements)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"F4, 3", "F6_E3M2, 5"})
    void packedElementsMustFillBytes(Dtype dtype, long elements) {
        assertThatThrownBy(() -> dtype.bytes(elements))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage(elements + " elements of " + dtype + " do not fill whole bytes");
    }

    @Test
    void sizesDoNotOverflowInSilence() {
        assertThatThrownBy(() -> Dtype.F32.bytes(Long.MAX_VALUE / 16)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 32).elements()).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void shapesCountTheirElements() {
        assertThat(Shape.of().elements()).isEqualTo(1);
        assertThat(Shape.of(7, 0, 5).elements()).isZero();
        assertThat(Shape.of(2, 3, 4).columns()).isEqualTo(4);
        assertThat(Shape.of()).hasToString("[]");
        assertThat(Shape.of(2, 3)).hasToString("[2, 3]").isEqualTo(Shape.of(2, 3));
        assertThatThrownBy(() -> Shape.of(-1)).hasMessage("dimensions must not be negative, found [-1]");
    }
}
