package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.merge.Crew;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// The same bytes whatever the number of threads, also in tensors that several threads share.
class ThreadsTest {

    /// Enough chunks to be shared out, and half a one at the end.
    private static final int LARGE = 34 * Crew.CHUNK + 12_345;

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeModels() throws IOException {
        byte[] base = bfloat16(1, 0);
        write("base", base);
        write("math", bfloat16(1, 2));
        write("code", bfloat16(1, 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "task_arithmetic", "ties", "dare_linear", "dare_ties"})
    void theBytesDoNotDependOnTheNumberOfThreads(String method) throws IOException {
        Path one = merge(method, 1);
        for (int threads : new int[] {2, 7}) {
            Path other = merge(method, threads);
            for (String file : new String[] {"model.safetensors", "lewis-manifest.json"}) {
                assertThat(Files.mismatch(one.resolve(file), other.resolve(file)))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void aFailureInASharedTensorEndsTheMerge() {
        try (Workers workers = new Workers(3)) {
            OrderedChecksum checksum = new OrderedChecksum();
            assertThatThrownBy(() -> workers.map(100, i -> {
                        if (i == 5) {
                            checksum.abandon();
                            throw new IllegalStateException("chunk " + i);
                        }
                        checksum.add(i, java.nio.ByteBuffer.allocate(1));
                        return null;
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("chunk 5");
        }
    }

    @Test
    void tasksSharedOutByATaskStayOnItsThread() {
        try (Workers workers = new Workers(3)) {
            workers.map(20, _ -> {
                Thread outer = Thread.currentThread();
                return workers.map(20, _ -> assertThat(Thread.currentThread()).isSameAs(outer));
            });
        }
    }

    private static Path merge(String method, int threads) throws IOException {
        String yaml = """
            merge_method: %s
            base_model: base
            models:
              - {model: math, parameters: {weight: 0.7, density: 0.3}}
              - {model: code, parameters: {weight: 0.4, density: 0.6}}
            """.formatted(method);
        Path output = folder.resolve(method + threads);
        Merge.run(
                Recipe.parse("recipe.yaml", yaml, folder),
                output,
                42,
                Options.standard().withThreads(threads),
                Progress.NONE);
        return output;
    }

    private static void write(String name, byte[] large) throws IOException {
        TestModel.random(name.hashCode())
                .add("model.embed_tokens.weight", Dtype.BF16, Shape.of(LARGE), large)
                .write(folder.resolve(name));
    }

    /// Random bits near one another: the upper byte of ordinary numbers, and mantissas that differ by the second seed.
    private static byte[] bfloat16(long seed, long tune) {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom tuning = new SplittableRandom(tune);
        byte[] bytes = new byte[2 * LARGE];
        for (int i = 0; i < bytes.length; i += 2) {
            int bits = random.nextInt() & 0x80FF | 0x3C00;
            bits += tune == 0 ? 0 : tuning.nextInt(-8, 9);
            bytes[i] = (byte) bits;
            bytes[i + 1] = (byte) (bits >> 8);
        }
        return bytes;
    }
}
