package org.lewis.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.lewis.dataset.DataSet;
import org.lewis.dataset.Rows;
import org.lewis.dataset.Template;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.document.Place;
import org.lewis.document.Yaml;

/// Reads a task from YAML. Each scorer has keys of its own beside those of all; any other key is an error.
final class TaskFile {

    private static final List<String> COMMON =
            List.of("data", "config", "split", "shuffle", "scorer", "description", "few_shot");
    private static final List<String> GENERATION =
            List.of("prompt", "target", "max_new_tokens", "stop", "samples", "temperature", "top_p");
    private static final Map<String, List<String>> KEYS = Map.of(
            "gsm8k", with(GENERATION, "target_perplexity"),
            "python", with(GENERATION, "target_perplexity", "program", "tests", "pass_at"),
            "bleu", with(GENERATION, "target_perplexity"),
            "exact_match", with(GENERATION, "target_perplexity", "ignore_case", "ignore_punctuation", "extract"),
            "multiple_choice", List.of("prompt", "choices", "answer", "labels", "delimiter"),
            "perplexity", List.of("prompt", "join", "window", "stride"));

    private static final int DEFAULT_NEW_TOKENS = 256;
    private static final int DEFAULT_WINDOW = 512;

    private final Path file;

    TaskFile(Path file) {
        this.file = file;
    }

    Task read() throws IOException {
        Node node = document();
        node.get("data");
        Node scorer = node.get("scorer");
        List<String> own = KEYS.get(scorer.text());
        if (own == null) {
            throw scorer.error("unknown scorer " + scorer + Nearest.suggestion(scorer.text(), KEYS.keySet()));
        }
        refuseUnused(node, scorer.text(), own);
        Task.Form form = form(node, scorer.text());
        return new Task(
                file.getFileName().toString().replaceFirst("\\.ya?ml$", ""),
                file.toAbsolutePath().getParent(),
                data(node, Optional.empty()),
                node.find("shuffle").map(Node::integer),
                fewShot(node),
                form);
    }

    private Node document() throws IOException {
        boolean isData = Files.isRegularFile(file)
                && Rows.haveFields(file)
                && !file.toString().endsWith(".json");
        String text = isData ? "" : Json.utf8(file);
        if (isData || Json.looksLikeLines(text)) {
            throw new DocumentException(
                    new Place(file.toString(), 1, 1),
                    "expected a task, found rows of data; write a YAML file that names them as its `data`, with a"
                            + " `scorer` and what that needs");
        }
        return Yaml.parse(file.toString(), text);
    }

    private Task.Form form(Node node, String scorer) {
        return switch (scorer) {
            case "multiple_choice" ->
                new Task.MultipleChoice(
                        template(node.get("prompt")),
                        node.get("choices").isSequence()
                                ? texts(node.get("choices"))
                                : List.of(node.get("choices").text()),
                        node.get("answer").text(),
                        node.find("labels").map(Node::text),
                        node.find("delimiter").map(Node::text).orElse(" "));
            case "perplexity" -> prediction(node);
            default -> {
                Task.Decoding decoding = decoding(node);
                yield new Task.Generation(
                        template(node.get("prompt")),
                        (scorer.equals("python") ? node.find("target") : Optional.of(node.get("target")))
                                .map(TaskFile::template),
                        decoding,
                        scoring(node, scorer),
                        node.find("target_perplexity").map(Node::flag).orElse(false));
            }
        };
    }

    private Task.Form prediction(Node node) {
        // What is no known file may be a folder or a name of the hub, whose rows have fields.
        if (Rows.haveFields(Path.of(node.get("data").text()))) {
            node.get("prompt");
        }
        int window = node.find("window").map(n -> n.integer(2, 1 << 24)).orElse(DEFAULT_WINDOW);
        return checked(
                node.find("stride").orElse(node),
                () -> new Task.Prediction(
                        node.find("prompt").map(TaskFile::template),
                        node.find("join").map(Node::text),
                        window,
                        node.find("stride").map(n -> n.integer(1, 1 << 24)).orElse(window)));
    }

    private static Task.Decoding decoding(Node node) {
        return checked(
                node.find("samples").or(() -> node.find("temperature")).orElse(node),
                () -> new Task.Decoding(
                        node.find("max_new_tokens")
                                .map(n -> n.integer(1, 1 << 20))
                                .orElse(DEFAULT_NEW_TOKENS),
                        node.find("stop").map(TaskFile::texts).orElse(List.of()),
                        node.find("samples").map(n -> n.integer(1, 1 << 20)).orElse(1),
                        node.find("temperature").map(Node::number).orElse(0.0),
                        node.find("top_p").map(Node::number).orElse(1.0)));
    }

    private static Task.Scoring scoring(Node node, String scorer) {
        return switch (scorer) {
            case "gsm8k" -> new Task.Numbers();
            case "bleu" -> new Task.Translation();
            case "python" ->
                new Task.Programs(
                        node.find("program").map(TaskFile::program).orElse(Programs.GENERATION),
                        node.get("tests").text(),
                        node.find("pass_at")
                                .map(list -> list.sequence().stream()
                                        .map(k -> k.integer(1, 1 << 20))
                                        .toList())
                                .orElse(List.of(1)));
            default ->
                new Task.ExactMatch(
                        node.find("ignore_case").map(Node::flag).orElse(false),
                        node.find("ignore_punctuation").map(Node::flag).orElse(false),
                        node.find("extract").map(TaskFile::pattern));
        };
    }

    private Task.FewShot fewShot(Node node) throws IOException {
        String description = node.find("description").map(Node::text).orElse("");
        Optional<Node> found = node.find("few_shot");
        if (found.isEmpty()) {
            return Task.FewShot.none(description);
        }
        Node shots = found.get();
        shots.allowing("count", "data", "config", "split", "seed", "examples", "target", "separator");
        List<Node> examples = shots.find("examples").map(Node::sequence).orElse(List.of());
        Optional<DataSet> source = examples.isEmpty() ? Optional.of(data(shots, Optional.of(node))) : Optional.empty();
        if (source.isPresent()
                && shots.find("split").isEmpty()
                && shots.find("data").isEmpty()) {
            throw shots.error(
                    "say where the examples come from: a `split` of the same data, other `data`, or `examples`");
        }
        Optional<Template> target =
                shots.find("target").or(() -> node.find("target")).map(TaskFile::template);
        if (target.isEmpty() && node.find("choices").isEmpty()) {
            throw shots.error("\"target\" is missing, which makes solutions of the examples");
        }
        return new Task.FewShot(
                description,
                examples.isEmpty() ? shots.get("count").integer(1, 1000) : examples.size(),
                source,
                shots.find("seed").map(Node::integer),
                examples,
                target,
                shots.find("separator").map(Node::text).orElse("\n\n"));
    }

    /// @param whole whose data and configuration count when the node has none of its own
    private static DataSet data(Node node, Optional<Node> whole) {
        Node name = node.find("data").orElseGet(() -> whole.orElse(node).get("data"));
        Optional<String> config = node.find("config")
                .or(() -> node.find("data").isEmpty() ? whole.flatMap(w -> w.find("config")) : Optional.empty())
                .map(Node::text);
        return checked(
                node.find("split").orElse(name),
                () -> new DataSet(name.text(), config, node.find("split").map(Node::text)));
    }

    private static void refuseUnused(Node node, String scorer, List<String> own) {
        List<String> allowed = with(COMMON, own.toArray(String[]::new));
        for (List<String> others : KEYS.values()) {
            for (String key : others) {
                if (!allowed.contains(key)) {
                    node.find(key).ifPresent(found -> {
                        throw found.error("the scorer " + scorer + " has no use for it");
                    });
                }
            }
        }
        node.allowing(allowed.toArray(String[]::new));
    }

    private static Template template(Node node) {
        return checked(node, () -> new Template(node.text()));
    }

    private static String program(Node node) {
        if (!node.text().contains(Programs.GENERATION)) {
            throw node.expected("a program with " + Programs.GENERATION + " in it");
        }
        return node.text();
    }

    private static Pattern pattern(Node node) {
        try {
            return Pattern.compile(node.text(), Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw node.error("no regular expression: " + e.getDescription());
        }
    }

    private static List<String> texts(Node node) {
        return node.sequence().stream().map(Node::text).toList();
    }

    /// Lets a value that checks itself complain about its place in the file.
    private static <T> T checked(Node place, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw place.error(e.getMessage());
        }
    }

    private static List<String> with(List<String> keys, String... more) {
        List<String> all = new ArrayList<>(keys);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }
}
