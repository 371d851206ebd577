package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How many threads there are, and which of them comes first, changes no bit.
class MethodThreadsTest {

    /// Three chunks and a bit, in rows that no tile and no chunk ends with.
    private static final int COLUMNS = 3001;

    private static final int SIZE = 3 * Crew.CHUNK / COLUMNS * COLUMNS + 5 * COLUMNS;

    private static final float[] BASE = Merging.noise(SIZE, 1);
    private static final float[] MATH = Merging.tuned(BASE, 2);
    private static final float[] CODE = Merging.tuned(BASE, 3);

    static Stream<String> names() {
        return Methods.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyNumberOfThreadsGivesTheSameBits(String method) {
        Merging merging = Merging.of(method, 2)
                .inRowsOf(COLUMNS)
                .with("density", 0.5)
                .with("select_topk", 0.3)
                .with("t", 0.3)
                .with("nuslerp_flatten", 0)
                .with("nuslerp_row_wise", 1)
                .with("weight", 0.7, 0.4);
        int expected = Arrays.hashCode(merging.run(BASE, MATH, CODE));
        for (int threads : new int[] {2, 7}) {
            assertThat(Arrays.hashCode(merging.run(crew(threads), BASE, MATH, CODE)))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyShapeIsMerged(String method) {
        Merging merging = Merging.of(method, 2).with("nuslerp_flatten", 0).with("filter_wise", 1);
        for (int columns : new int[] {1, SIZE / COLUMNS, SIZE}) {
            for (float value : merging.inRowsOf(columns).run(BASE, MATH, CODE)) {
                if (!Float.isFinite(value)) {
                    throw new AssertionError(method + " gives " + value + " in rows of " + columns);
                }
            }
        }
    }

    /// Begins the tasks from the last to the first.
    static Crew crew(int threads) {
        return new Crew() {
            @Override
            public <T> List<T> map(int count, IntFunction<T> task) {
                List<Callable<T>> calls = new ArrayList<>();
                for (int i = count - 1; i >= 0; i--) {
                    int index = i;
                    calls.add(() -> task.apply(index));
                }
                try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
                    List<T> results = new ArrayList<>();
                    for (Future<T> result : pool.invokeAll(calls)) {
                        results.add(result.get());
                    }
                    Collections.reverse(results);
                    return results;
                } catch (ExecutionException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }
}
