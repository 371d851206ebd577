package org.lewis.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// The command above all commands: the list of them, in the order of use, and the options that each understands.
///
/// To add one, extend [Subcommand] and put the class into the list.
@Command(
        name = "lewis",
        description = "Merges fine-tuned language models, guided by calibration data.",
        versionProvider = Lewis.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        footer = {"", "lewis COMMAND --help explains a command."})
final class Lewis implements Runnable {

    private static final List<Class<? extends Subcommand>> COMMANDS = List.of(
            DemoCommand.class,
            MergeCommand.class,
            CalibrateCommand.class,
            PackCommand.class,
            ImportanceCommand.class,
            RecipeCommand.class,
            CompareCommand.class,
            EvaluateCommand.class,
            ScoreCommand.class,
            ReportCommand.class,
            MethodsCommand.class,
            ExtractLoraCommand.class,
            InspectCommand.class,
            DiffCommand.class,
            LogitsCommand.class);

    private final PrintStream out;
    private final PrintStream err;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this help.")
    private boolean help;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    private boolean version;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Print stack traces of errors.")
    private boolean verbose;

    @Option(names = "--quiet", scope = ScopeType.INHERIT, description = "Print no progress, only results and errors.")
    private boolean quiet;

    @Spec
    private CommandSpec spec;

    Lewis(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /// The tree of commands, or of it only the command that is called: what a command takes is found out by reflection,
    /// and for all of them that is half of the time to start.
    CommandLine commands(String... args) {
        CommandLine commands = new CommandLine(this);
        List<Class<? extends Subcommand>> called = COMMANDS.stream()
                .filter(command -> args.length > 0 && name(command).equals(args[0]))
                .toList();
        (called.isEmpty() ? COMMANDS : called).forEach(commands::addSubcommand);
        return commands.registerConverter(int.class, text -> whole(text, Integer::decode))
                .registerConverter(long.class, text -> whole(text, Long::decode));
    }

    private static <T> T whole(String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("\"" + text + "\" is no whole number, or too large");
        }
    }

    private static String name(Class<? extends Subcommand> command) {
        return command.getAnnotation(Command.class).name();
    }

    /// Called when no command is named.
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    Console console() {
        return new Console(out, err, quiet ? Progress.Style.NONE : Progress.Style.ofTerminal());
    }

    boolean verbose() {
        return verbose;
    }

    static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /// What `--version` prints.
    static final class Version implements picocli.CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {
                "lewis " + org.lewis.engine.Version.CURRENT + " (Java " + Runtime.version() + ", "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ")"
            };
        }
    }
}
