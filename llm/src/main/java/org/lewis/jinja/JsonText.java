package org.lewis.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// JSON as Python's `json.dumps(value, ensure_ascii=False)` writes it: blanks after commas and colons, lines when there
/// is an indent.
final class JsonText {

    private final String comma;
    private final String colon;
    private final String indent;
    private final boolean sorted;

    private JsonText(String comma, String colon, String indent, boolean sorted) {
        this.comma = comma;
        this.colon = colon;
        this.indent = indent;
        this.sorted = sorted;
    }

    static String of(Object value, List<Object> arguments, Map<String, Object> named) {
        Object indent = arguments.isEmpty() ? named.get("indent") : arguments.getFirst();
        String step = indent instanceof Long width ? " ".repeat((int) Math.clamp(width, 0, 100)) : null;
        String comma = step == null ? ", " : ",";
        String colon = ": ";
        if (named.get("separators") instanceof List<?> separators && separators.size() == 2) {
            comma = Values.text(separators.get(0));
            colon = Values.text(separators.get(1));
        }
        return new JsonText(comma, colon, step, Values.isTrue(named.get("sort_keys"))).text(value, "\n");
    }

    private String text(Object value, String line) {
        return switch (value) {
            case null -> "null";
            case Boolean flag -> flag.toString();
            case Number number -> number.toString();
            case String text -> quoted(text);
            case List<?> list -> {
                List<String> parts = new ArrayList<>();
                list.forEach(element -> parts.add(text(element, deeper(line))));
                yield enclosed("[", parts, "]", line);
            }
            case Map<?, ?> map -> {
                List<String> parts = new ArrayList<>();
                (sorted ? new TreeMap<Object, Object>(map) : map)
                        .forEach((key, member) ->
                                parts.add(quoted(Values.text(key)) + colon + text(member, deeper(line))));
                yield enclosed("{", parts, "}", line);
            }
            default -> throw new JinjaException("no JSON for " + Values.kind(value));
        };
    }

    private String deeper(String line) {
        return indent == null ? line : line + indent;
    }

    private String enclosed(String open, List<String> parts, String close, String line) {
        if (indent == null || parts.isEmpty()) {
            return open + String.join(comma, parts) + close;
        }
        return open + deeper(line) + String.join(comma + deeper(line), parts) + line + close;
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                default -> quoted.append(c < ' ' ? String.format("\\u%04x", (int) c) : Character.toString(c));
            }
        }
        return quoted.append('"').toString();
    }
}
