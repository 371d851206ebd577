package org.lewis.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.lewis.evaluate.BubblewrapSandbox;
import org.lewis.evaluate.PythonSandbox;
import org.lewis.evaluate.Sandbox;
import org.lewis.evaluate.Task;
import picocli.CommandLine.Option;

/// Whether and where generated code runs.
final class CodeOptions {

    enum Kind {
        GRAALPY,
        BUBBLEWRAP
    }

    @Option(
            names = "--allow-code-execution",
            description = "Run Python that models generate, in a sandbox without files, network and processes.")
    private boolean allowed;

    @Option(
            names = "--sandbox",
            paramLabel = "KIND",
            description = "Where it runs: graalpy, which comes along, or bubblewrap with the system's Python (default:"
                    + " ${DEFAULT-VALUE}).")
    private Kind kind = Kind.GRAALPY;

    /// The sandbox, if one of the tasks needs it.
    Optional<Sandbox> sandbox(List<Task> tasks, Subcommand command) throws IOException {
        for (Task task : tasks) {
            if (task.runsCode()) {
                return Optional.of(sandbox("the task " + task.name() + " runs code that models generate", command));
            }
        }
        return Optional.empty();
    }

    /// @param reason a sentence that says what runs
    Sandbox sandbox(String reason, Subcommand command) throws IOException {
        require(reason, command);
        return switch (kind) {
            case GRAALPY -> PythonSandbox.open();
            case BUBBLEWRAP -> BubblewrapSandbox.open(PythonSandbox.DEFAULT_LIMIT);
        };
    }

    void require(String reason, Subcommand command) {
        if (!allowed) {
            throw command.usage(reason + ", which has to be allowed: --allow-code-execution");
        }
    }
}
