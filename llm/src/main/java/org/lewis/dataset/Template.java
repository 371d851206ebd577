package org.lewis.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// Turns a row of data into text: `{question} {answer}` puts the row's fields where their names stand. Texts stand as
/// they are, anything else as JSON.
///
/// `{tests[0]}` is an element of a list, `{choices.text}` a member of a mapping, and `{long|short}` the first of
/// several fields that is there and not empty. After a last bar there need not be any: `{setup|}`.
public record Template(String pattern) {

    private static final String PATH = "\\w+(?:\\.\\w+|\\[\\d+])*";
    private static final Pattern FIELD = Pattern.compile("\\{(" + PATH + "(?:\\|" + PATH + ")*\\|?)}");
    private static final Pattern STEP = Pattern.compile("\\w+");

    public Template {
        if (!FIELD.matcher(pattern).find()) {
            throw new IllegalArgumentException("the template \"" + pattern + "\" names no field; write {field}");
        }
    }

    /// Whether a text has a place for a field.
    public static boolean isTemplate(String text) {
        return FIELD.matcher(text).find();
    }

    public List<String> fields() {
        List<String> fields = new ArrayList<>();
        FIELD.matcher(pattern).results().forEach(match -> fields.add(match.group(1)));
        return fields;
    }

    /// @throws org.lewis.document.DocumentException when the row lacks a field
    public String fill(Node row) {
        return FIELD.matcher(pattern).replaceAll(match -> {
            Optional<Node> value = Arrays.stream(match.group(1).split("\\|"))
                    .flatMap(path -> find(row, path).stream())
                    .filter(found -> !(found.isText()
                            && found.text().isEmpty()
                            && match.group(1).contains("|")))
                    .findFirst();
            if (value.isEmpty() && !match.group(1).endsWith("|")) {
                throw row.error("no field \"" + match.group(1) + "\", which the template \"" + pattern
                        + "\" wants; fields are "
                        + String.join(", ", row.mapping().keySet()));
            }
            return Matcher.quoteReplacement(value.map(Template::text).orElse(""));
        });
    }

    private static String text(Node value) {
        return value.isText() ? value.text() : Json.compact(value.plain());
    }

    /// What a path such as `choices.text` or `tests[0]` leads to in a row, unless it leads nowhere.
    public static Optional<Node> find(Node row, String path) {
        Optional<Node> node = Optional.of(row);
        Matcher step = STEP.matcher(path);
        while (step.find() && node.isPresent()) {
            boolean isIndex = step.start() > 0 && path.charAt(step.start() - 1) == '[';
            node = isIndex ? element(node.get(), step.group()) : member(node.get(), step.group());
        }
        return node;
    }

    private static Optional<Node> member(Node node, String name) {
        return node.isMapping() ? node.find(name) : Optional.empty();
    }

    private static Optional<Node> element(Node node, String index) {
        List<Node> elements = node.isSequence() ? node.sequence() : List.of();
        return index.length() < 10 && Integer.parseInt(index) < elements.size()
                ? Optional.of(elements.get(Integer.parseInt(index)))
                : Optional.empty();
    }
}
