package org.lewis.forward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.NoGradGuard;

/// Threads that run tasks side by side, each with its share of the processors. Several operations on one processor each
/// are done sooner than one after the other on all of them, whose threads wait for each other at the end of every one.
final class SequenceThreads implements SequenceRunner {

    private final int count;
    private final ExecutorService threads;

    SequenceThreads(int count) {
        int processors = Runtime.getRuntime().availableProcessors();
        Phaser ready = new Phaser(count + 1);
        this.count = count;
        this.threads = Executors.newFixedThreadPool(
                count,
                loop -> new Thread(() -> {
                    try (NoGradGuard _ = new NoGradGuard()) {
                        Torch.useProcessors(Math.max(1, processors / count));
                        ready.arrive();
                        loop.run();
                    }
                }));
        for (int i = 0; i < count; i++) {
            threads.execute(() -> {});
        }
        ready.arriveAndAwaitAdvance();
        // The library takes the last number that it was told for that of all threads to come.
        Torch.useProcessors(processors);
    }

    @Override
    public void run(int number, Tasks tasks, IntConsumer done) throws IOException {
        Queue<CompletableFuture<Void>> ahead = new ArrayDeque<>();
        AtomicBoolean isBroken = new AtomicBoolean();
        try {
            int next = 0;
            for (int i = 0; i < number; i++) {
                while (next < number && next < i + 2 * count) {
                    ahead.add(start(tasks.get(next++), isBroken));
                }
                ahead.remove().join();
                done.accept(i);
            }
        } catch (CompletionException e) {
            throw thrown(e);
        } finally {
            isBroken.set(true);
            ahead.forEach(task -> task.exceptionally(_ -> null).join());
        }
    }

    private CompletableFuture<Void> start(Task task, AtomicBoolean isBroken) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        if (!isBroken.get()) {
                            task.run();
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                threads);
    }

    private static IOException thrown(CompletionException e) {
        return switch (e.getCause()) {
            case UncheckedIOException io -> io.getCause();
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            default -> throw e;
        };
    }

    @Override
    public void close() {
        threads.close();
    }
}
