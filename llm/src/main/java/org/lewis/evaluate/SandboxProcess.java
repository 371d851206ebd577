package org.lewis.evaluate;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One child JVM that runs Python, and the pipes to it. It starts in the background; the first job waits for it.
final class SandboxProcess implements AutoCloseable {

    /// @param last whether the child runs nothing after this answer
    record Answer(Outcome outcome, boolean last) {}

    /// The child did not answer in time.
    static final class SilenceException extends IOException {
        private static final long serialVersionUID = 1;

        SilenceException(String message) {
            super(message);
        }
    }

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int ERROR_BYTES = 4 * 1024;

    private final Process process;
    private final DataOutputStream jobs;
    private final DataInputStream answers;
    private final FutureTask<String> ready;
    private final CompletableFuture<String> errors = new CompletableFuture<>();
    private boolean used;

    private SandboxProcess(Process process) {
        this.process = process;
        jobs = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        answers = new DataInputStream(process.getInputStream());
        ready = new FutureTask<>(answers::readUTF);
        Thread.ofVirtual().start(ready);
        Thread.ofVirtual().start(() -> errors.complete(head(process.getErrorStream())));
    }

    /// @param jars   the folder of the sandbox's class path
    /// @param folder a folder of its own: `work` in it becomes the working folder, `cache` holds Python's library;
    ///               the child deletes it when this process is killed
    static SandboxProcess start(Path jars, Path folder) throws IOException {
        Path work = Files.createDirectories(folder.resolve("work"));
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        // Deep recursion in Python needs much stack in the interpreter.
                        "-Xss32m",
                        // Short programs: start fast, compile cheaply, leave the other cores alone.
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + folder.resolve("crash.log").toAbsolutePath(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Djava.io.tmpdir=" + work.toAbsolutePath(),
                        "-Duser.home=" + work.toAbsolutePath(),
                        "-Dpolyglot.engine.userResourceCache="
                                + folder.resolve("cache").toAbsolutePath(),
                        "-cp",
                        jars.toAbsolutePath().resolve("*").toString(),
                        "org.lewis.sandbox.Main",
                        folder.toAbsolutePath().toString()))
                .directory(work.toFile());
        builder.environment().clear();
        return new SandboxProcess(builder.start());
    }

    /// Whether no program has run in this child yet.
    boolean fresh() {
        return !used;
    }

    /// Waits until the child takes jobs.
    void awaitReady() throws IOException {
        await(ready, START_LIMIT, "the Python sandbox did not start");
    }

    /// @param patience how long to wait for the answer
    /// @throws SilenceException when there is none by then
    /// @throws IOException      when the child is gone
    Answer run(String program, Duration limit, Duration patience) throws IOException {
        used = true;
        byte[] source = program.getBytes(StandardCharsets.UTF_8);
        // Sending belongs to the task as well: a child that hangs does not read either.
        FutureTask<Answer> task = new FutureTask<>(() -> {
            jobs.writeInt(Math.toIntExact(limit.toMillis()));
            jobs.writeInt(source.length);
            jobs.write(source);
            jobs.flush();
            boolean last = answers.readBoolean();
            Outcome.Verdict verdict = Outcome.Verdict.valueOf(answers.readUTF());
            return new Answer(new Outcome(verdict, answers.readUTF(), answers.readUTF()), last);
        });
        Thread.ofVirtual().start(task);
        return await(task, patience, "the Python sandbox died");
    }

    private <T> T await(FutureTask<T> task, Duration limit, String death) throws IOException {
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new SilenceException("the Python sandbox did not answer within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw new IOException(death + why(), e.getCause());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while Python ran");
        }
    }

    private String why() throws IOException {
        try {
            process.waitFor(1, TimeUnit.SECONDS);
            String said = errors.get(1, TimeUnit.SECONDS).strip();
            return said.isEmpty() ? "" : ": " + said;
        } catch (ExecutionException | TimeoutException _) {
            return "";
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while Python ran");
        }
    }

    /// The first bytes of a stream that is read to its end, so that the child never waits for a reader.
    private static String head(InputStream stream) {
        try (stream) {
            byte[] head = stream.readNBytes(ERROR_BYTES);
            stream.transferTo(java.io.OutputStream.nullOutputStream());
            return new String(head, StandardCharsets.UTF_8);
        } catch (IOException _) {
            return "";
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
