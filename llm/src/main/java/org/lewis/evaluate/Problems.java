package org.lewis.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lewis.checkpoint.HubCache;
import org.lewis.dataset.Rows;
import org.lewis.dataset.Template;
import org.lewis.document.Node;

/// The rows of a task as problems, so that a row that lacks a field is found before any model runs.
final class Problems {

    private final Task task;
    private final HubCache hub;

    private Problems(Task task, HubCache hub) {
        this.task = task;
        this.hub = hub;
    }

    /// @param limit at most so many rows, from the first on
    static List<Problem> read(Task task, int limit, HubCache hub) throws IOException {
        return new Problems(task, hub).read(limit);
    }

    private List<Problem> read(int limit) throws IOException {
        return switch (task.form()) {
            case Task.Generation generation -> {
                String shots = shots(generation.prompt(), Optional.empty());
                yield rows(limit).stream()
                        .map(row -> (Problem) question(generation, shots, row))
                        .toList();
            }
            case Task.MultipleChoice choice -> {
                String shots = shots(choice.prompt(), Optional.of(choice));
                yield rows(limit).stream()
                        .map(row -> (Problem) decision(choice, shots, row))
                        .toList();
            }
            case Task.Prediction prediction -> passages(prediction, limit);
        };
    }

    private List<Node> rows(int limit) throws IOException {
        List<Node> rows = task.data().rows(task.folder(), hub);
        List<Node> ordered =
                task.shuffle().map(seed -> Rows.sample(rows, rows.size(), seed)).orElse(rows);
        return ordered.stream().limit(limit).toList();
    }

    private static Problem.Question question(Task.Generation form, String shots, Node row) {
        String prompt = shots + form.prompt().fill(row);
        String target = form.target().map(template -> template.fill(row)).orElse("");
        if (form.scoring() instanceof Task.Programs programs) {
            Programs.Frame frame = Programs.frame(programs, row);
            return new Problem.Question(prompt, target, frame.before(), frame.after());
        }
        return new Problem.Question(prompt, target, "", "");
    }

    private static Problem.Decision decision(Task.MultipleChoice form, String shots, Node row) {
        List<String> choices = choices(form, row);
        return new Problem.Decision(
                shots + form.prompt().fill(row),
                choices.stream().map(choice -> form.delimiter() + choice).toList(),
                answer(form, choices, row));
    }

    private static List<String> choices(Task.MultipleChoice form, Node row) {
        if (form.choices().size() > 1 || Template.isTemplate(form.choices().getFirst())) {
            return form.choices().stream()
                    .map(template -> new Template(template).fill(row))
                    .toList();
        }
        Node list = field(row, form.choices().getFirst());
        if (list.sequence().size() < 2) {
            throw list.expected("at least two choices");
        }
        return list.sequence().stream().map(Node::text).toList();
    }

    private static int answer(Task.MultipleChoice form, List<String> choices, Node row) {
        Node answer = field(row, form.answer());
        if (answer.isNumber()) {
            return answer.integer(0, choices.size() - 1);
        }
        List<String> names = form.labels().isPresent()
                ? field(row, form.labels().get()).sequence().stream()
                        .map(Node::text)
                        .toList()
                : choices;
        int index = names.indexOf(answer.text());
        if (index < 0 && form.labels().isEmpty() && answer.text().matches("\\d{1,3}")) {
            index = Integer.parseInt(answer.text());
        }
        if (index < 0 || index >= choices.size()) {
            throw answer.expected("one of " + names);
        }
        return index;
    }

    /// The solved problems that stand before each.
    private String shots(Template prompt, Optional<Task.MultipleChoice> choice) throws IOException {
        Task.FewShot few = task.fewShot();
        List<Node> rows = few.source().isPresent() ? few.source().get().rows(task.folder(), hub) : few.examples();
        if (rows.size() < few.count()) {
            throw new IOException("the task " + task.name() + " wants " + few.count() + " examples, but there are only "
                    + rows.size());
        }
        List<Node> chosen = few.seed().isPresent()
                ? Rows.sample(rows, few.count(), few.seed().get())
                : rows.subList(0, few.count());
        return few.description()
                + chosen.stream()
                        .map(row -> prompt.fill(row) + solution(few, choice, row) + few.separator())
                        .collect(Collectors.joining());
    }

    private static String solution(Task.FewShot few, Optional<Task.MultipleChoice> choice, Node row) {
        if (few.target().isPresent()) {
            return few.target().get().fill(row);
        }
        Task.MultipleChoice form = choice.orElseThrow();
        List<String> choices = choices(form, row);
        return form.delimiter() + choices.get(answer(form, choices, row));
    }

    private List<Problem> passages(Task.Prediction form, int limit) throws IOException {
        List<String> texts = new ArrayList<>();
        if (form.text().isPresent()) {
            rows(limit).forEach(row -> texts.add(form.text().get().fill(row)));
        } else {
            for (Path file : task.data().files(task.folder(), hub)) {
                texts.add(Rows.text(file));
            }
        }
        List<String> whole =
                form.join().map(between -> List.of(String.join(between, texts))).orElse(texts);
        return whole.stream().map(text -> (Problem) new Problem.Passage(text)).toList();
    }

    private static Node field(Node row, String path) {
        return Template.find(row, path).orElseThrow(() -> row.error("no field \"" + path + "\""));
    }
}
