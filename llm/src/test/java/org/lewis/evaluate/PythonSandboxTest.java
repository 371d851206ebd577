package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PythonSandboxTest {

    private static final Path JARS = Path.of(System.getProperty(PythonSandbox.FOLDER_PROPERTY));
    private static final Duration SHORT = Duration.ofMillis(500);

    private static PythonSandbox sandbox;

    @BeforeAll
    static void open() throws IOException {
        sandbox = PythonSandbox.open(JARS, Duration.ofSeconds(20));
    }

    @AfterAll
    static void close() {
        sandbox.close();
    }

    @Test
    void programsWhoseAssertionsHoldPass() throws IOException {
        String program = """
            from typing import List
            def largest(numbers: List[int]) -> int:
                return max(numbers)
            assert largest([3, 1, 2]) == 3
            print("höchste")
            """;
        assertThat(sandbox.run(program)).isEqualTo(new Outcome(Outcome.Verdict.PASSED, "", "höchste\n"));
    }

    @Test
    void outcomesComeInTheOrderOfThePrograms() throws IOException {
        List<String> programs = List.of("assert True", "assert False", "assert 1 + 1 == 2");
        assertThat(sandbox.run(programs)).extracting(Outcome::passed).containsExactly(true, false, true);
    }

    @Test
    void failuresNameTheException() throws IOException {
        assertFails("assert 1 == 2", "AssertionError");
        assertFails("assert 1 == 2, 'one is not two'", "AssertionError: one is not two");
        assertFails("1 / 0", "ZeroDivisionError: division by zero");
        assertFails("def f(:", "SyntaxError: ");
        assertFails("largest([1])", "NameError: name 'largest' is not defined");
    }

    @Test
    void aProgramThatExitsEarlyHasNotPassed() throws IOException {
        assertFails("import sys; sys.exit(0)", "SystemExit");
        assertFails("raise SystemExit", "SystemExit");
        assertFails("quit()", "");
        assertFails("import os; os._exit(0)", "");
        assertHealthy();
    }

    @Test
    void recursionWithinPythonsLimitWorksAndEndlessRecursionFails() throws IOException {
        assertThat(sandbox.run("def f(n): return 0 if n == 0 else 1 + f(n - 1)\nassert f(900) == 900"))
                .extracting(Outcome::verdict)
                .isEqualTo(Outcome.Verdict.PASSED);
        assertFails("def f(n): return f(n + 1)\nf(0)", "RecursionError");
        assertHealthy();
    }

    @Test
    void recursionWithoutPythonsLimitFails() throws IOException {
        Outcome outcome = sandbox.run("import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(n + 1)\nf(0)");
        assertThat(outcome.passed()).isFalse();
        assertHealthy();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while True: pass",
                "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
                "while True: print('x' * 1000)",
                "import atexit\ndef f():\n  while True: pass\natexit.register(f)\nf()",
                "class E(Exception):\n  def __str__(self):\n    while True: pass\nraise E()",
            })
    void endlessProgramsAreStopped(String program) throws IOException {
        Outcome outcome = sandbox.run(program, SHORT);
        assertThat(outcome.verdict()).isEqualTo(Outcome.Verdict.TIMED_OUT);
        assertThat(outcome.detail()).isEqualTo("stopped after 0.5 s");
        assertThat(outcome.output()).hasSizeLessThanOrEqualTo(8 * 1024);
        assertHealthy();
    }

    @Test
    void arithmeticThatCannotBeInterruptedIsKilled() throws IOException {
        assertThat(sandbox.run("9 ** 9 ** 9 % 2", SHORT))
                .isEqualTo(new Outcome(Outcome.Verdict.TIMED_OUT, "killed after 2.5 s", ""));
        assertHealthy();
    }

    @Test
    void programsThatExhaustTheHeapFail() throws IOException {
        assertFails("x = bytearray(10 * 2 ** 30)", "");
        assertFails("x = [0] * 2 ** 30", "MemoryError");
        assertHealthy();
        assertThat(sandbox.run("x = []\nwhile True: x += [object() for _ in range(100000)]", SHORT)
                        .passed())
                .isFalse();
        assertHealthy();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "open('/etc/passwd').read()",
                "open('note.txt', 'w').write('x')",
                "import os; os.listdir('/')",
                "import os; os.mkdir('folder')",
                "import pathlib; pathlib.Path('/tmp/note').write_text('x')",
                "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
                "import socket; socket.socket().connect(('127.0.0.1', 9))",
                "import subprocess; subprocess.run(['true'], check=True)",
                "import os; assert os.system('true') == 0",
                "import os; os.fork()",
                "import java; java.type('java.lang.System')",
                "from java.lang import System; System.exit(3)",
                "import polyglot; polyglot.eval(language='js', string='1')",
                "import ctypes; ctypes.CDLL('libc.so.6').getpid()",
                "import threading; t = threading.Thread(target=print); t.start(); t.join()",
                "import os; assert os.environ['PATH']",
                "input()",
            })
    void theWorldOutsideIsOutOfReach(String program) throws IOException {
        Outcome outcome = sandbox.run(program);
        assertThat(outcome.verdict()).as(outcome.detail()).isEqualTo(Outcome.Verdict.FAILED);
    }

    @Test
    void programsDoNotSeeWhatOthersLeft() throws IOException {
        sandbox.run("import builtins, math\nbuiltins.left = 1\nmath.left = 1");
        assertFails("left", "NameError");
        assertFails("import math\nmath.left", "AttributeError");
    }

    @Test
    void aFolderWithoutASandboxIsRefused(@TempDir Path empty) throws IOException {
        assertThatThrownBy(() -> PythonSandbox.open(empty.resolve("none"), Duration.ofSeconds(1)))
                .isInstanceOf(IOException.class)
                .hasMessage(empty.resolve("none") + ": expected the folder of the Python sandbox's jars");
        try (PythonSandbox broken = PythonSandbox.open(empty, Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> broken.run("pass"))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("the Python sandbox did not start: ")
                    .hasMessageContaining("org.lewis.sandbox.Main");
        }
    }

    @Test
    void closingLeavesNoFiles() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        List<Path> before = sandboxFolders(temporary);
        PythonSandbox.open(JARS, Duration.ofSeconds(1)).close();
        assertThat(sandboxFolders(temporary)).isEqualTo(before);
    }

    /// Opens a sandbox, runs a program that never ends, and waits to be killed.
    static final class Parent {
        private Parent() {}

        public static void main(String[] arguments) throws Exception {
            PythonSandbox sandbox = PythonSandbox.open(Path.of(arguments[0]), Duration.ofHours(1));
            sandbox.run("assert True");
            System.out.println("open");
            sandbox.run("while True: pass");
        }
    }

    @Test
    void aKilledParentLeavesNoFiles(@TempDir Path folder) throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Parent.class.getName(),
                        JARS.toAbsolutePath().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(parent.inputReader().readLine()).isEqualTo("open");
            assertThat(sandboxFolders(folder)).hasSize(1);
        } finally {
            parent.destroyForcibly().waitFor();
        }
        Instant end = Instant.now().plusSeconds(30);
        while (!sandboxFolders(folder).isEmpty() && Instant.now().isBefore(end)) {
            Thread.sleep(50);
        }
        assertThat(sandboxFolders(folder)).isEmpty();
    }

    private static List<Path> sandboxFolders(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("lewis-python-"))
                    .sorted()
                    .toList();
        }
    }

    private static void assertFails(String program, String detail) throws IOException {
        Outcome outcome = sandbox.run(program);
        assertThat(outcome.verdict()).as(outcome.detail()).isEqualTo(Outcome.Verdict.FAILED);
        assertThat(outcome.detail()).startsWith(detail);
    }

    /// The next program is not harmed.
    private static void assertHealthy() throws IOException {
        assertThat(sandbox.run("assert sorted([2, 1]) == [1, 2]"))
                .isEqualTo(new Outcome(Outcome.Verdict.PASSED, "", ""));
    }
}
