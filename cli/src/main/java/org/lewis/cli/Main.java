package org.lewis.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/// The entry of the program. [#run] is all of it but the exit, so that tests can call it and look at the exit code.
public final class Main {

    /// The command did what it was asked.
    public static final int DONE = 0;
    /// The command was understood, but its work failed.
    public static final int FAILED = 1;
    /// The command line, or a recipe it names, cannot be right.
    public static final int REFUSED = 2;

    private Main() {}

    public static void main(String[] args) {
        PrintStream out = utf8(FileDescriptor.out);
        PrintStream err = utf8(FileDescriptor.err);
        int exitCode = run(out, err, args);
        out.flush();
        System.exit(exitCode);
    }

    /// Runs one command line.
    ///
    /// @param out where results go
    /// @param err where errors and progress go
    /// @return [#DONE], [#FAILED] or [#REFUSED]
    public static int run(PrintStream out, PrintStream err, String... args) {
        Lewis lewis = new Lewis(out, err);
        return run(lewis, lewis.commands(args), args);
    }

    /// Runs one command line of a tree of commands, so that tests can hang their own into it.
    static int run(Lewis lewis, CommandLine commands, String... args) {
        PrintStream err = lewis.console().err();
        commands.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(Lewis.writer(lewis.console().out()))
                .setErr(Lewis.writer(err))
                .setParameterExceptionHandler((e, _) -> Complaint.about(e).print(err))
                .setExecutionExceptionHandler((e, _, _) -> Complaint.about(e).print(err, lewis.verbose()));
        try {
            return commands.execute(args);
        } catch (Throwable e) {
            // Errors, such as that of no memory, pass by the handlers.
            return Complaint.about(e).print(err, lewis.verbose());
        }
    }

    /// The same text in every locale; flushed by lines, so that a table grows while it is computed.
    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
