package org.lewis.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.lewis.merge.Crew;

/// A fixed number of threads. Tasks are begun in the order of their numbers; a task that shares out work itself
/// does all of it on its own thread, so that there are never more threads than asked for.
final class Workers implements Crew, AutoCloseable {

    private final int threads;
    private final ExecutorService pool;
    private final ThreadLocal<Boolean> working = ThreadLocal.withInitial(() -> false);

    Workers(int threads) {
        this.threads = threads;
        this.pool = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("merge-", 0).daemon().factory());
    }

    int threads() {
        return threads;
    }

    @Override
    public <T> List<T> map(int count, IntFunction<T> task) {
        if (count <= 1 || working.get()) {
            return Crew.ALONE.map(count, task);
        }
        List<T> results = new ArrayList<>(java.util.Collections.nCopies(count, null));
        AtomicInteger next = new AtomicInteger();
        List<CompletableFuture<Void>> shifts = new ArrayList<>();
        for (int i = 0; i < Math.min(threads, count); i++) {
            shifts.add(CompletableFuture.runAsync(() -> work(count, task, next, results), pool));
        }
        try {
            CompletableFuture.allOf(shifts.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
        return results;
    }

    private <T> void work(int count, IntFunction<T> task, AtomicInteger next, List<T> results) {
        working.set(true);
        try {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                results.set(i, task.apply(i));
            }
        } catch (Throwable e) {
            next.set(count); // nobody begins another one
            throw e;
        } finally {
            working.set(false);
        }
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
