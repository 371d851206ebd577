package org.lewis.merge;

import java.util.List;
import java.util.function.IntFunction;

/// Threads that share out the chunks of a tensor. Results come back in the order of the chunks, so that whatever is
/// computed from them does not depend on how many threads there were.
public interface Crew {

    /// Elements of a chunk: enough work to hand to a thread, the same on every machine.
    int CHUNK = 1 << 18;

    <T> List<T> map(int count, IntFunction<T> task);

    /// Runs a task on each chunk of a tensor.
    default <T> List<T> mapChunks(long elements, ChunkTask<T> task) {
        return map(chunks(elements), index -> {
            long from = (long) index * CHUNK;
            return task.run(from, Math.min(elements, from + CHUNK));
        });
    }

    static int chunks(long elements) {
        return Math.toIntExact((elements + CHUNK - 1) / CHUNK);
    }

    /// Work on elements `[from, to)`.
    interface ChunkTask<T> {
        T run(long from, long to);
    }

    /// The threads of the common pool, all processors.
    Crew COMMON = new Crew() {
        @Override
        public <T> List<T> map(int count, IntFunction<T> task) {
            return java.util.stream.IntStream.range(0, count)
                    .parallel()
                    .mapToObj(task)
                    .toList();
        }
    };

    /// Everything on the calling thread.
    Crew ALONE = new Crew() {
        @Override
        public <T> List<T> map(int count, IntFunction<T> task) {
            return java.util.stream.IntStream.range(0, count).mapToObj(task).toList();
        }
    };
}
