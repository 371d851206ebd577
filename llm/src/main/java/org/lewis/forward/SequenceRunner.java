package org.lewis.forward;

import java.io.IOException;
import java.util.function.IntConsumer;

/// Who runs the sequences of a pass.
interface SequenceRunner extends AutoCloseable {

    /// The calling thread, with all processors for each operation.
    SequenceRunner ALONE = (number, tasks, done) -> {
        for (int i = 0; i < number; i++) {
            tasks.get(i).run();
            done.accept(i);
        }
    };

    /// Can be run on any thread.
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    /// Makes the task of a number.
    @FunctionalInterface
    interface Tasks {
        Task get(int number);
    }

    /// Runs tasks, and ends when none runs any more.
    ///
    /// @param tasks makes them, in the order of their numbers on the calling thread
    /// @param done  hears of each in the same order on the same thread; some later tasks may have been made by then
    void run(int number, Tasks tasks, IntConsumer done) throws IOException;

    @Override
    default void close() {}

    /// For so many tasks at a time.
    static SequenceRunner of(Device device, int tasks) {
        int count = Math.min(tasks, Runtime.getRuntime().availableProcessors());
        return device == Device.CPU && count > 1 ? new SequenceThreads(count) : ALONE;
    }
}
