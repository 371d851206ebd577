package org.lewis.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// Runs generated programs with the system's Python in namespaces of their own, made by bubblewrap: no network, of the
/// file system only `/usr` to read and an empty `/tmp` of 16 MiB, and limits on time, memory, processes and files.
///
/// Programs run as nobody when this process is root. What the kernel itself does not keep in, this does not either.
public final class BubblewrapSandbox implements Sandbox {

    private static final Path BWRAP = Path.of("/usr/bin/bwrap");
    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    /// What a program may print before its pipe is closed.
    private static final int MOST_BYTES = 1 << 20;

    private static final int KEPT_CHARACTERS = 8 * 1024;

    /// Runs the program that follows the first line of its input, and reports under that line, which the program
    /// was not told.
    private static final String RUNNER = """
        import os, sys
        def run():
            mark = sys.stdin.buffer.readline().strip()
            source = sys.stdin.buffer.read()
            sys.stdin = open('/dev/null')
            report = lambda text: os.write(2, b'\\n' + mark + b' ' + text.encode('utf-8', 'replace') + b'\\n')
            report('started')
            try:
                exec(compile(source, 'program.py', 'exec'), {'__name__': '__main__'})
            except SystemExit as e:
                return report('failed SystemExit: exit status %s' % (e.code or 0))
            except BaseException as e:
                text = str(e)
                return report('failed ' + type(e).__name__ + (': ' + text if text else ''))
            sys.stdout.flush()
            report('passed')
        run()
        """;

    private final Duration limit;

    private BubblewrapSandbox(Duration limit) {
        this.limit = limit;
    }

    /// @param limit how long a program may run
    /// @throws IOException when bubblewrap or Python is missing
    public static BubblewrapSandbox open(Duration limit) throws IOException {
        Optional<String> missing = missing();
        if (missing.isPresent()) {
            throw new IOException(missing.get());
        }
        return new BubblewrapSandbox(limit);
    }

    /// Why it cannot run here; empty when it can.
    static Optional<String> missing() {
        List<Path> needed = new ArrayList<>(List.of(BWRAP, PRLIMIT, PYTHON));
        if (isRoot()) {
            needed.add(SETPRIV);
        }
        return needed.stream()
                .filter(program -> !Files.isExecutable(program))
                .findFirst()
                .map(program -> "the sandbox bubblewrap needs " + program + ", which is not there; install it (Debian:"
                        + " bubblewrap, util-linux, python3), or leave --sandbox out");
    }

    @Override
    public Outcome run(String program) throws IOException {
        String mark = UUID.randomUUID().toString();
        ProcessBuilder builder =
                new ProcessBuilder(command()).directory(Path.of("/").toFile());
        builder.environment().clear();
        Process process = builder.start();
        try {
            FutureTask<String> output = reading(process.getInputStream());
            FutureTask<String> errors = reading(process.getErrorStream());
            // A program that ends early leaves the rest unread, which is no failure of ours.
            Thread.ofVirtual().start(() -> write(process.getOutputStream(), mark + "\n" + program));
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            // The outer process: with it ends the whole namespace. By its handle, since the process itself would close
            // the
            // pipes, from which the end has yet to be read.
            process.toHandle().destroyForcibly();
            return outcome(ended, mark, output.get(), errors.get());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while Python ran");
        } catch (ExecutionException e) {
            throw new IOException("the output of Python cannot be read", e.getCause());
        } finally {
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        // Nothing outlives a program.
    }

    private Outcome outcome(boolean ended, String mark, String output, String errors) throws IOException {
        String kept = output.substring(0, Math.min(KEPT_CHARACTERS, output.length()));
        if (!ended) {
            return new Outcome(Outcome.Verdict.TIMED_OUT, "stopped after " + limit.toMillis() / 1000.0 + " s", kept);
        }
        if (!errors.contains(mark + " started")) {
            throw new IOException("bubblewrap could not run Python: " + errors.strip());
        }
        if (errors.contains(mark + " passed")) {
            return new Outcome(Outcome.Verdict.PASSED, "", kept);
        }
        int failed = errors.indexOf(mark + " failed ");
        return failed >= 0
                ? new Outcome(
                        Outcome.Verdict.FAILED,
                        errors.substring(failed + mark.length() + " failed ".length())
                                .strip(),
                        kept)
                : new Outcome(Outcome.Verdict.CRASHED, "Python ended without a word", kept);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            // The limit on processes does not hold for root.
            command.addAll(List.of(SETPRIV.toString(), "--reuid", "65534", "--regid", "65534", "--clear-groups"));
        }
        command.addAll(List.of(BWRAP.toString(), "--unshare-all", "--die-with-parent", "--new-session"));
        command.addAll(List.of("--cap-drop", "ALL", "--ro-bind", "/usr", "/usr"));
        for (String folder : List.of("lib", "lib64", "bin")) {
            command.addAll(List.of("--symlink", "usr/" + folder, "/" + folder));
        }
        command.addAll(List.of("--proc", "/proc", "--dev", "/dev", "--size", "16777216", "--tmpfs", "/tmp"));
        command.addAll(List.of("--chdir", "/tmp", "--clearenv", "--setenv", "PYTHONUTF8", "1"));
        command.addAll(List.of(PRLIMIT.toString(), "--as=536870912", "--cpu=" + (limit.toSeconds() + 1)));
        command.addAll(List.of("--nproc=16", "--fsize=1048576", "--nofile=64", "--core=0"));
        command.addAll(List.of(PYTHON.toString(), "-S", "-c", RUNNER));
        return command;
    }

    /// Reads to the end, or to the bound and closes.
    private static FutureTask<String> reading(InputStream stream) {
        FutureTask<String> reading = new FutureTask<>(() -> {
            try (stream) {
                return new String(stream.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            } catch (IOException _) {
                return "";
            }
        });
        Thread.ofVirtual().start(reading);
        return reading;
    }

    private static void write(OutputStream stream, String text) {
        try (stream) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // Told by the verdict.
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }
}
