package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

final class SequenceThreadsTest {

    @Test
    void tasksRunSideBySideAndAreHeardOfInOrder() throws IOException {
        CyclicBarrier together = new CyclicBarrier(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        List<Integer> made = new ArrayList<>();
        List<Integer> done = new ArrayList<>();
        try (SequenceRunner runner = new SequenceThreads(2)) {
            runner.run(
                    6,
                    number -> {
                        made.add(number);
                        return () -> {
                            threads.add(Thread.currentThread());
                            meet(together);
                        };
                    },
                    done::add);
        }
        assertThat(threads).hasSize(2).doesNotContain(Thread.currentThread());
        assertThat(made).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(done).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void aFailureIsThrownWhenNothingRunsAnyMore() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        List<Integer> done = new ArrayList<>();
        try (SequenceRunner runner = new SequenceThreads(2)) {
            assertThatThrownBy(() -> runner.run(
                            100,
                            number -> () -> {
                                running.incrementAndGet();
                                ran.incrementAndGet();
                                try {
                                    if (number == 3) {
                                        throw new IOException("the disk is full");
                                    }
                                } finally {
                                    running.decrementAndGet();
                                }
                            },
                            done::add))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the disk is full");
            assertThat(running).hasValue(0);
            assertThat(ran.get()).isLessThan(100);
            assertThat(done).containsExactly(0, 1, 2);
        }
    }

    @Test
    void aWorkerUsesItsShareOfTheProcessorsAndOthersUseAll() throws IOException {
        int all = torch.get_num_threads();
        List<Integer> ofThreads = new ArrayList<>();
        try (SequenceRunner runner = new SequenceThreads(all)) {
            runner.run(1, _ -> () -> ofThreads.add(torch.get_num_threads()), _ -> {});
            assertThat(ofThreads).containsExactly(1);
            assertThat(torch.get_num_threads()).isEqualTo(all);
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
