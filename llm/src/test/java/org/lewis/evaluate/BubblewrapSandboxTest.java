package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Skipped where bubblewrap is not installed.
class BubblewrapSandboxTest {

    @BeforeAll
    static void bubblewrapIsThere() {
        assumeTrue(
                BubblewrapSandbox.missing().isEmpty(),
                () -> BubblewrapSandbox.missing().orElseThrow());
    }

    private static Outcome run(String program, double seconds) throws IOException {
        try (BubblewrapSandbox sandbox = BubblewrapSandbox.open(Duration.ofMillis((long) (1000 * seconds)))) {
            return sandbox.run(program);
        }
    }

    private static Outcome run(String program) throws IOException {
        return run(program, 20);
    }

    @Test
    void programsWhoseAssertionsHoldPass() throws IOException {
        assertThat(run("from typing import List\nassert sorted([2, 1]) == [1, 2]\nprint('höchste')"))
                .isEqualTo(new Outcome(Outcome.Verdict.PASSED, "", "höchste\n"));
    }

    @Test
    void failuresNameTheException() throws IOException {
        assertThat(run("assert 1 == 2, 'one is not two'"))
                .isEqualTo(new Outcome(Outcome.Verdict.FAILED, "AssertionError: one is not two", ""));
        assertThat(run("assert 1 == 2").detail()).isEqualTo("AssertionError");
        assertThat(run("def f(:").detail()).startsWith("SyntaxError: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"import sys; sys.exit(0)", "raise SystemExit", "import os; os._exit(0)"})
    void aProgramThatExitsEarlyHasNotPassed(String program) throws IOException {
        assertThat(run(program).passed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while True: pass",
                "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
                "9 ** 9 ** 9 % 2",
                "import time; time.sleep(100)",
            })
    void endlessProgramsAreStopped(String program) throws IOException {
        assertThat(run(program, 1)).isEqualTo(new Outcome(Outcome.Verdict.TIMED_OUT, "stopped after 1.0 s", ""));
    }

    @Test
    void endlessOutputIsCut() throws IOException {
        Outcome outcome = run("while True: print('x' * 1000)");
        assertThat(outcome.passed()).isFalse();
        assertThat(outcome.output()).hasSize(8 * 1024);
    }

    @Test
    void forkBombsAreHeldDown() throws IOException {
        String program = """
            import os, time
            children = 0
            try:
                for _ in range(200):
                    if os.fork() == 0:
                        time.sleep(60)
                    children += 1
            except OSError:
                pass
            assert children < 20, children
            """;
        assertThat(run(program)).extracting(Outcome::detail).isEqualTo("");
        assertThat(run("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", 1)
                        .verdict())
                .isEqualTo(Outcome.Verdict.TIMED_OUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x = bytearray(10 * 2 ** 30)",
                "x = []\nwhile True: x.append(bytearray(2 ** 24))",
                "open('/tmp/big', 'wb').write(bytes(2 ** 21))",
                "open('/etc/passwd').read()",
                "open('/usr/mark', 'w').write('x')",
                "import os; os.remove('/usr/bin/python3')",
                "import shutil; shutil.rmtree('/usr')",
                "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
                "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
                "import os; os.setuid(0)",
                "import os; assert os.environ.get('HOME')",
                "assert input() == 'mark'",
            })
    void theWorldOutsideIsOutOfReach(String program) throws IOException {
        assertThat(run(program).passed()).as(program).isFalse();
        assertThat(Path.of("/usr/bin/python3")).exists();
    }

    @Test
    void filesStayInside(@TempDir Path folder) throws IOException {
        Path mine = Files.writeString(folder.resolve("mine.txt"), "mine");
        assertThat(run("import os\nassert not os.path.exists('" + mine + "')\nopen('/tmp/note', 'w').write('x')")
                        .passed())
                .isTrue();
        assertThat(run("import os\nassert os.listdir('/tmp') == []").detail()).isEmpty();
        assertThat(List.of(Files.readString(mine))).containsExactly("mine");
    }
}
