package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.document.DocumentException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--help"})
    void helpGoesToStandardOutput(String option) {
        Cli.Result result = Cli.run(option);

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.out())
                .startsWith("Usage: lewis [-hV] [--quiet] [--verbose] COMMAND\n")
                .containsPattern("(?m)^  inspect +List the tensors of a model, an adapter or a weight file\\.$");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void versionIsOneLine() {
        Cli.Result result = Cli.run("--version");

        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.out()).matches("lewis \\S+ \\(Java 25.*\\)\n");
    }

    @Test
    void everyCommandExplainsItself() {
        new Lewis(System.out, System.err).commands().getSubcommands().keySet().forEach(command -> {
            Cli.Result result = Cli.run(command, "--help");

            assertThat(result.exitCode()).isEqualTo(Main.DONE);
            assertThat(result.out()).startsWith("Usage: lewis " + command + " ");
        });
    }

    @Test
    void noCommandIsRefused() {
        assertThat(Cli.run()).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: no command given
            see "lewis --help"
            """));
    }

    @Test
    void unknownCommandIsRefusedWithTheNearest() {
        assertThat(Cli.run("inspekt", "model")).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: unknown command "inspekt"; did you mean "inspect"?
            see "lewis --help"
            """));
    }

    @Test
    void unknownOptionIsRefusedWithTheNearest() {
        assertThat(Cli.run("inspect", "--jsn", "model")).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: unknown option --jsn; did you mean --json?
            see "lewis inspect --help"
            """));
    }

    @Test
    void missingParameterIsRefused() {
        assertThat(Cli.run("inspect")).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: missing required parameter: 'MODEL'
            see "lewis inspect --help"
            """));
    }

    /// A command that does nothing but fail.
    @Command(name = "fail")
    private static final class FailCommand extends Subcommand {

        private final Throwable failure;

        FailCommand(Throwable failure) {
            this.failure = failure;
        }

        @Override
        void run(Console console) throws Exception {
            switch (failure) {
                case Error error -> throw error;
                case Exception exception -> throw exception;
                default -> throw new AssertionError(failure);
            }
        }
    }

    private static Cli.Result failing(Throwable failure, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Lewis lewis = new Lewis(Cli.stream(out), Cli.stream(err));
        CommandLine commands = new CommandLine(lewis).addSubcommand(new FailCommand(failure));
        int exitCode = Main.run(lewis, commands, args);
        return new Cli.Result(exitCode, Cli.text(out), Cli.text(err));
    }

    @Test
    void failuresBecomeAParagraphAndAnExitCode() {
        assertThat(failing(new IOException("the disk is on fire"), "fail"))
                .isEqualTo(new Cli.Result(Main.FAILED, "", "error: the disk is on fire\n"));
        assertThat(failing(new DocumentException("a.yaml:1:1: wrong"), "fail"))
                .isEqualTo(new Cli.Result(Main.REFUSED, "", "error: a.yaml:1:1: wrong\n"));
    }

    @Test
    void errorsOfTheJvmBecomeOneToo() {
        assertThat(failing(new OutOfMemoryError("Java heap space"), "fail").err())
                .startsWith("error: out of memory (Java heap space); ")
                .hasLineCount(1);
        assertThat(failing(new StackOverflowError(), "fail")).isEqualTo(new Cli.Result(Main.FAILED, "", """
            error: unexpected StackOverflowError
            this is a mistake in Lewis; --verbose shows where, for a report
            """));
        assertThat(failing(new StackOverflowError(), "fail", "--verbose").err())
                .contains("\tat org.lewis.cli.MainTest.errorsOfTheJvmBecomeOneToo(");
    }

    @Test
    void oneArgumentTooManyIsRefused() {
        assertThat(Cli.run("inspect", "a", "b")).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: "b" is one argument too many
            see "lewis inspect --help"
            """));
    }
}
