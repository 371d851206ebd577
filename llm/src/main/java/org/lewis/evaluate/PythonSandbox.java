package org.lewis.evaluate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Runs generated Python programs in a child JVM where they can reach no file, network, process or Java class.
///
/// The child starts in the background as soon as the sandbox is open, so whoever generates the programs should open it
/// first. A child that dies, hangs or runs out of memory is replaced; what one program does never reaches the next.
/// Not for several threads at once.
public final class PythonSandbox implements Sandbox {

    /// Names the folder of the sandbox's jars.
    public static final String FOLDER_PROPERTY = "lewis.sandbox";

    /// What a program may use when nobody says otherwise.
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

    /// How long after the limit a child may take to stop a program before it is killed.
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Path jars;
    private final Duration limit;
    private final Path folder;
    /// Models that are compared write many of the same programs; each of those runs once.
    private final Map<String, Outcome> decided = new HashMap<>();

    private SandboxProcess child;

    private PythonSandbox(Path jars, Duration limit) throws IOException {
        this.jars = jars;
        this.limit = limit;
        folder = Files.createTempDirectory("lewis-python-");
        try {
            child = SandboxProcess.start(jars, folder);
        } catch (IOException e) {
            delete(folder);
            throw e;
        }
    }

    /// The sandbox whose jars the system property `lewis.sandbox` names, as the launcher sets it.
    ///
    /// @throws IOException when the property is missing or names no sandbox
    public static PythonSandbox open() throws IOException {
        String jars = System.getProperty(FOLDER_PROPERTY);
        if (jars == null) {
            throw new IOException(
                    "the Python sandbox is not installed: the system property " + FOLDER_PROPERTY + " is not set");
        }
        return open(Path.of(jars), DEFAULT_LIMIT);
    }

    /// Opens a sandbox and starts its child in the background.
    ///
    /// @param jars  the folder of the sandbox's jars
    /// @param limit how long a program may run
    public static PythonSandbox open(Path jars, Duration limit) throws IOException {
        if (!(limit.toMillis() > 0 && limit.compareTo(Duration.ofHours(1)) <= 0)) {
            throw new IllegalArgumentException("the limit must be in (0, 1 h], found " + limit);
        }
        if (!Files.isDirectory(jars)) {
            throw new IOException(jars + ": expected the folder of the Python sandbox's jars");
        }
        return new PythonSandbox(jars, limit);
    }

    /// Runs the programs one after the other.
    ///
    /// @return one outcome per program, in their order
    public List<Outcome> run(List<String> programs) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        for (String program : programs) {
            outcomes.add(run(program));
        }
        return outcomes;
    }

    @Override
    public Outcome run(String program) throws IOException {
        Outcome known = decided.get(program);
        if (known != null) {
            return known;
        }
        Outcome outcome = run(program, limit);
        if (outcome.verdict() == Outcome.Verdict.PASSED || outcome.verdict() == Outcome.Verdict.FAILED) {
            decided.put(program, outcome);
        }
        return outcome;
    }

    Outcome run(String program, Duration limit) throws IOException {
        child.awaitReady();
        boolean fresh = child.fresh();
        try {
            SandboxProcess.Answer answer = child.run(program, limit, limit.plus(GRACE));
            if (answer.last()) {
                replaceChild();
            }
            return answer.outcome();
        } catch (SandboxProcess.SilenceException _) {
            replaceChild();
            String detail = "killed after " + limit.plus(GRACE).toMillis() / 1000.0 + " s";
            return new Outcome(Outcome.Verdict.TIMED_OUT, detail, "");
        } catch (java.io.InterruptedIOException e) {
            replaceChild();
            throw e;
        } catch (IOException e) {
            replaceChild();
            // In a child that has run other programs, they may be to blame; in a fresh one nobody else is.
            return fresh ? new Outcome(Outcome.Verdict.CRASHED, e.getMessage(), "") : run(program, limit);
        }
    }

    private void replaceChild() throws IOException {
        child.close();
        child = SandboxProcess.start(jars, folder);
    }

    @Override
    public void close() {
        child.close();
        try {
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
