package org.lewis.sandbox;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/// The child JVM: reads programs from standard input, runs one after the other, answers each on standard output.
///
/// Both directions are in the format of `DataOutputStream`. The child greets with the text `ready`. A job is the
/// time limit in milliseconds and the length of the program (two ints), then the program in UTF-8. An answer is a
/// flag that says whether the child runs nothing after it, then three texts: verdict, detail, output. The end of
/// the input ends the child.
public final class Main {

    /// Loads and compiles what most generated programs need, while nobody waits.
    private static final String WARM_UP = """
        import collections, functools, heapq, itertools, math, random, re, string
        from typing import Any, Dict, List, Optional, Tuple
        def total(numbers: List[int]) -> int:
            return sum(n * n for n in numbers if n % 2)
        assert total([1, 2, 3]) == 10
        assert re.sub("a+", "b", "aab") == "bb"
        """;

    private Main() {}

    /// What is to be run.
    private record Job(Duration limit, String program) {}

    /// Serves until the input ends, which also happens when the parent is killed. Jobs are read while a program
    /// runs, so that the end is noticed whatever the program does.
    ///
    /// @param arguments the folder of this child's files, which is deleted at the end
    public static void main(String[] arguments) throws IOException {
        DataInputStream jobs = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream answers =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
        // Only answers may reach the pipe.
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        BlockingQueue<Job> queue = new LinkedBlockingQueue<>();
        Thread worker = new Thread(() -> serve(queue, answers), "worker");
        worker.setDaemon(true);
        worker.start();
        try {
            while (true) {
                Duration limit = Duration.ofMillis(jobs.readInt());
                queue.add(new Job(limit, new String(jobs.readNBytes(jobs.readInt()), StandardCharsets.UTF_8)));
            }
        } catch (EOFException _) {
            // The parent has closed the pipe, or is gone.
            delete(Path.of(arguments[0]));
        } finally {
            // Not exit: a program that cannot be stopped would hold it up.
            Runtime.getRuntime().halt(0);
        }
    }

    private static void serve(BlockingQueue<Job> jobs, DataOutputStream answers) {
        try (Runner runner = new Runner()) {
            runner.run(WARM_UP, Duration.ofMinutes(1));
            answers.writeUTF("ready");
            answers.flush();
            boolean last = false;
            while (!last) {
                Job job = jobs.take();
                Answer answer = runner.run(job.program(), job.limit());
                last = answer.last();
                answers.writeBoolean(last);
                answers.writeUTF(answer.verdict().name());
                answers.writeUTF(answer.detail());
                answers.writeUTF(answer.output());
                answers.flush();
            }
        } catch (Throwable e) {
            System.err.println(e);
            Runtime.getRuntime().halt(1);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
