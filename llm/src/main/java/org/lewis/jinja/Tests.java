package org.lewis.jinja;

import java.util.List;
import java.util.Map;

/// The tests after `is`.
final class Tests {

    private Tests() {}

    static boolean holds(String name, Object value, List<Object> arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "number" -> value instanceof Number;
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "mapping" -> value instanceof Map;
            case "iterable" -> value instanceof List || value instanceof Map || value instanceof String;
            case "sequence" -> value instanceof List || value instanceof Map || value instanceof String;
            case "callable" -> value instanceof Function;
            case "odd" -> Members.whole(value) % 2 != 0;
            case "even" -> Members.whole(value) % 2 == 0;
            case "divisibleby" -> Members.whole(value) % Members.whole(arguments.getFirst()) == 0;
            case "lower" -> value instanceof String text && text.equals(text.toLowerCase(java.util.Locale.ROOT));
            case "upper" -> value instanceof String text && text.equals(text.toUpperCase(java.util.Locale.ROOT));
            case "in" -> Values.contains(arguments.getFirst(), value);
            case "equalto", "eq", "sameas" -> Values.areEqual(value, arguments.getFirst());
            case "ne" -> !Values.areEqual(value, arguments.getFirst());
            case "gt" -> Values.compare(value, arguments.getFirst()) > 0;
            case "lt" -> Values.compare(value, arguments.getFirst()) < 0;
            case "ge" -> Values.compare(value, arguments.getFirst()) >= 0;
            case "le" -> Values.compare(value, arguments.getFirst()) <= 0;
            default -> throw new JinjaException("no test is called \"" + name + "\"");
        };
    }
}
