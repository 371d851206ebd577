package org.lewis.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;
import org.lewis.document.Nearest;
import org.lewis.forward.TokenIdsException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// What the user is told about a failure: one short paragraph, and the exit code that goes with it.
record Complaint(int exitCode, String paragraph, Throwable cause) {

    /// A command line that picocli could not read.
    static Complaint about(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String help = "\nsee \"" + command.getCommandSpec().qualifiedName() + " --help\"";
        String problem = e instanceof UnmatchedArgumentException unmatched ? unknown(unmatched) : e.getMessage();
        return new Complaint(Main.REFUSED, startingLow(problem) + help, e);
    }

    /// A failure while a command was at work.
    static Complaint about(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        return switch (cause) {
            case ParameterException e -> about(e);
            case DocumentException e -> new Complaint(Main.REFUSED, e.getMessage(), e);
            case CommandException e -> new Complaint(Main.FAILED, e.getMessage(), e);
            case CheckpointException e -> new Complaint(Main.FAILED, e.getMessage(), e);
            case IOException e -> new Complaint(Main.FAILED, explained(e), e);
            case TokenIdsException e -> new Complaint(Main.FAILED, e.getMessage(), e);
            case OutOfMemoryError e -> new Complaint(Main.FAILED, explained(e), e);
            // What the JVM makes of a mapped file that got shorter.
            case InternalError e
            when String.valueOf(e.getMessage()).contains("unsafe memory access") ->
                new Complaint(Main.FAILED, "a file was cut short or its disk failed while it was being read", e);
            default -> new Complaint(Main.FAILED, unexpected(cause), cause);
        };
    }

    int print(PrintStream err) {
        return print(err, false);
    }

    /// @param verbose whether to print the stack trace too
    int print(PrintStream err, boolean verbose) {
        err.println("error: " + paragraph);
        if (verbose) {
            cause.printStackTrace(err);
        }
        err.flush();
        return exitCode;
    }

    private static Throwable unwrapped(Throwable thrown) {
        boolean isWrapper = thrown instanceof UncheckedIOException
                || thrown instanceof ExecutionException
                || thrown instanceof CompletionException;
        return isWrapper && thrown.getCause() != null ? unwrapped(thrown.getCause()) : thrown;
    }

    private static String unknown(UnmatchedArgumentException e) {
        String word = e.getUnmatched().getFirst();
        CommandLine command = e.getCommandLine();
        if (e.isUnknownOption()) {
            List<String> options = command.getCommandSpec().optionsMap().keySet().stream()
                    .filter(name -> name.startsWith("--"))
                    .toList();
            return "unknown option " + word + near(word.replaceFirst("=.*", ""), options);
        }
        if (!command.getSubcommands().isEmpty()) {
            List<String> commands = List.copyOf(command.getSubcommands().keySet());
            return "unknown command \"" + word + "\"" + Nearest.suggestion(word, commands);
        }
        return "\"" + word + "\" is one argument too many";
    }

    private static String near(String option, List<String> options) {
        return Nearest.to(option, options)
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
    }

    private static String explained(IOException e) {
        return switch (e) {
            case NoSuchFileException missing
            when missing.getReason() == null -> missing.getFile() + ": no such file or folder";
            case FileAlreadyExistsException there -> there.getFile() + ": exists already";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case NotDirectoryException file -> file.getFile() + ": is no folder";
            case DirectoryNotEmptyException full -> full.getFile() + ": the folder is not empty";
            case FileSystemException system when system.getReason() == null -> system.getFile() + ": cannot be used";
            default -> e.getMessage() == null ? unexpected(e) : e.getMessage();
        };
    }

    private static String explained(OutOfMemoryError e) {
        long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
        return String.format(
                Locale.ROOT,
                "out of memory (%s); the heap may grow to %d MiB, and LEWIS_JAVA_OPTS=-Xmx%dm allows twice that",
                e.getMessage(),
                mebibytes,
                2 * mebibytes);
    }

    private static String unexpected(Throwable cause) {
        return "unexpected " + cause.getClass().getSimpleName()
                + (cause.getMessage() == null ? "" : ": " + cause.getMessage())
                + "\nthis is a mistake in Lewis; --verbose shows where, for a report";
    }

    private static String startingLow(String message) {
        return message.isEmpty() ? message : Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }
}
