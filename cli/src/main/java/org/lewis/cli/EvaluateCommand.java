package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.calibrate.ModelHash;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.evaluate.Evaluation;
import org.lewis.evaluate.Journals;
import org.lewis.evaluate.Sandbox;
import org.lewis.evaluate.Subject;
import org.lewis.evaluate.Task;
import org.lewis.evaluate.TaskResult;
import org.lewis.forward.Resources;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis evaluate MODEL... --task FILE`: scores, one row per model.
@Command(name = "evaluate", description = "Score models on tasks.")
final class EvaluateCommand extends Subcommand {

    @Parameters(paramLabel = "MODEL", arity = "1..*", description = "Models, each " + Models.HELP)
    private List<String> models;

    @Mixin
    private TaskOptions taskOptions;

    @Mixin
    private ModelOptions running;

    @Option(
            names = "--apply-chat-template",
            description = "Put each prompt to the model as a user's question, in its own chat template.")
    private boolean applyChatTemplate;

    @Mixin
    private CodeOptions code;

    @Mixin
    private Gate gate;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Where results.json goes; a run that is killed goes on from there.")
    private Path output;

    @Option(names = "--log-samples", description = "Keep every answer in DIR, as MODEL-TASK.jsonl.")
    private boolean logSamples;

    @Override
    void run(Console console) throws Exception {
        Resources resources = running.resources();
        List<Task> tasks = taskOptions.read(this);
        gate.check(tasks.stream().map(Task::name).toList(), this);
        if (logSamples && output == null) {
            throw usage("--log-samples needs a folder for the answers: -o DIR");
        }
        Evaluation evaluation = Evaluation.prepare(tasks, taskOptions.options(this));
        Map<String, String> names = shortNames();
        if (output != null) {
            Files.createDirectories(output);
        }
        Optional<Sandbox> sandbox = code.sandbox(tasks, this);
        Map<String, List<TaskResult>> results = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, String> model : names.entrySet()) {
                results.put(
                        model.getKey(),
                        evaluate(model.getKey(), model.getValue(), evaluation, resources, sandbox, console));
            }
        } finally {
            sandbox.ifPresent(Sandbox::close);
        }
        console.out().print(EvaluationTable.of(results));
        EvaluationTable.throughput(results).forEach(console::note);
        if (output != null) {
            write(results, names, tasks);
        }
        gate.require(results, this);
    }

    private List<TaskResult> evaluate(
            String model,
            String shortName,
            Evaluation evaluation,
            Resources resources,
            Optional<Sandbox> sandbox,
            Console console)
            throws IOException {
        try (EvaluationProgress progress = new EvaluationProgress(console, model);
                ReadableModel weights = Models.locate(model).open();
                Subject subject = Subject.open(weights, running.precision(weights), resources, applyChatTemplate)) {
            Optional<Journals> journals = output == null
                    ? Optional.empty()
                    : Optional.of(new Journals(output, shortName, ModelHash.of(weights)));
            return evaluation.run(subject, journals, sandbox, progress);
        }
    }

    /// The models and, if it is none of them, their parent; each with a name for files.
    private Map<String, String> shortNames() throws IOException {
        List<String> all = new ArrayList<>(models);
        gate.parent().filter(parent -> !all.contains(parent)).ifPresent(all::add);
        Map<String, Integer> seen = new HashMap<>();
        Map<String, String> names = new LinkedHashMap<>();
        for (String model : all) {
            Path folder = Path.of(model);
            String name =
                    Files.exists(folder) ? folder.toRealPath().getFileName().toString() : model;
            int number = seen.merge(name, 1, Integer::sum);
            names.put(model, number == 1 ? name : name + "-" + number);
        }
        return names;
    }

    private void write(Map<String, List<TaskResult>> results, Map<String, String> names, List<Task> tasks)
            throws IOException {
        Files.writeString(output.resolve("results.json"), EvaluationTable.json(results));
        Files.writeString(output.resolve("throughput.json"), EvaluationTable.throughputJson(results));
        for (Map.Entry<String, List<TaskResult>> entry : results.entrySet()) {
            String model = names.get(entry.getKey());
            for (TaskResult result : entry.getValue()) {
                if (logSamples) {
                    Files.writeString(
                            output.resolve(model + "-" + result.task() + ".jsonl"), EvaluationTable.samples(result));
                }
            }
            // All is written, so there is nothing to go on with.
            for (Task task : tasks) {
                Files.deleteIfExists(new Journals(output, model, "").file(task.name()));
            }
        }
    }
}
