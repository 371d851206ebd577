package org.lewis.evaluate;

import java.io.IOException;

/// Runs generated Python where it can do no harm.
public sealed interface Sandbox extends AutoCloseable permits PythonSandbox, BubblewrapSandbox {

    /// Runs one program: functions followed by the assertions about them.
    ///
    /// @throws IOException when the sandbox itself cannot run
    Outcome run(String program) throws IOException;

    @Override
    void close();
}
