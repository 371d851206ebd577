package org.lewis.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The filters after `|`.
final class Filters {

    private Filters() {}

    static Object apply(String name, Object value, List<Object> arguments, Map<String, Object> named) {
        return switch (name) {
            case "trim" -> ((Function) Members.attribute(Values.text(value), "strip")).call(arguments, named);
            case "length", "count" ->
                value instanceof Map<?, ?> map
                        ? (long) map.size()
                        : (long) Values.elements(value).size();
            case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalized(Values.text(value));
            case "title" ->
                Arrays.stream(Values.text(value).split("(?<=\\s)|(?=\\s)"))
                        .map(Filters::capitalized)
                        .collect(Collectors.joining());
            case "string" -> Values.text(value);
            case "safe", "e", "escape", "forceescape" -> value;
            case "int" -> integer(value, arguments);
            case "float" ->
                value instanceof Number number ? number.doubleValue() : Double.parseDouble(Values.text(value));
            case "abs" -> value instanceof Long number ? (Object) Math.abs(number) : (Object) Math.abs((double) value);
            case "replace" -> Values.text(value).replace(Values.text(arguments.get(0)), Values.text(arguments.get(1)));
            case "default", "d" -> defaulted(value, arguments, named);
            case "tojson" -> JsonText.of(value, arguments, named);
            case "join" -> joined(value, arguments, named);
            case "indent" -> indented(Values.text(value), arguments, named);
            default -> ofList(name, value, arguments, named);
        };
    }

    private static Object ofList(String name, Object value, List<Object> arguments, Map<String, Object> named) {
        return switch (name) {
            case "list" -> Values.elements(value);
            case "first" -> Members.item(Values.elements(value), 0L);
            case "last" -> Members.item(Values.elements(value), -1L);
            case "reverse" -> {
                List<Object> reversed = Values.elements(value).reversed();
                yield value instanceof String
                        ? reversed.stream().map(Values::text).collect(Collectors.joining())
                        : new ArrayList<>(reversed);
            }
            case "unique" ->
                new ArrayList<>(new LinkedHashMap<>(Values.elements(value).stream()
                                .collect(Collectors.toMap(
                                        element -> element, element -> element, (a, _) -> a, LinkedHashMap::new)))
                        .values());
            case "sort" -> sorted(value, named);
            case "min" -> Values.elements(value).stream().min(Values::compare).orElse(new Undefined("min"));
            case "max" -> Values.elements(value).stream().max(Values::compare).orElse(new Undefined("max"));
            case "sum" -> Values.elements(value).stream().reduce(0L, Values::add);
            case "items" -> ((Function) Members.attribute(value, "items")).call(List.of(), Map.of());
            case "dictsort" ->
                new ArrayList<Object>(new TreeMap<>((Map<?, ?>) value)
                        .entrySet().stream()
                                .map(entry -> new ArrayList<Object>(Arrays.asList(entry.getKey(), entry.getValue())))
                                .toList());
            case "map" -> mapped(value, arguments, named);
            case "select" -> chosen(value, arguments, true, false);
            case "reject" -> chosen(value, arguments, false, false);
            case "selectattr" -> chosen(value, arguments, true, true);
            case "rejectattr" -> chosen(value, arguments, false, true);
            default -> throw new JinjaException("no filter is called \"" + name + "\"");
        };
    }

    private static String capitalized(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    private static Object integer(Object value, List<Object> arguments) {
        if (value instanceof Number number) {
            return number.longValue();
        }
        String text = Values.text(value).strip();
        return text.matches("[+-]?\\d{1,18}") ? Long.parseLong(text) : arguments.isEmpty() ? 0L : arguments.getFirst();
    }

    private static Object defaulted(Object value, List<Object> arguments, Map<String, Object> named) {
        Object other = arguments.isEmpty() ? named.getOrDefault("default_value", "") : arguments.getFirst();
        boolean falseToo = Values.isTrue(arguments.size() > 1 ? arguments.get(1) : named.get("boolean"));
        return value instanceof Undefined || falseToo && !Values.isTrue(value) ? other : value;
    }

    private static String joined(Object value, List<Object> arguments, Map<String, Object> named) {
        String between =
                arguments.isEmpty() ? Values.text(named.getOrDefault("d", "")) : Values.text(arguments.getFirst());
        return Values.elements(value).stream()
                .map(element ->
                        named.containsKey("attribute") ? path(element, Values.text(named.get("attribute"))) : element)
                .map(Values::text)
                .collect(Collectors.joining(between));
    }

    private static String indented(String text, List<Object> arguments, Map<String, Object> named) {
        Object width = arguments.isEmpty() ? named.getOrDefault("width", 4L) : arguments.getFirst();
        boolean first = Values.isTrue(arguments.size() > 1 ? arguments.get(1) : named.get("first"));
        String blanks = width instanceof Long count ? " ".repeat((int) Math.clamp(count, 0, 1000)) : Values.text(width);
        String indented =
                text.lines().map(line -> line.isEmpty() ? line : blanks + line).collect(Collectors.joining("\n"));
        return first || text.isEmpty() || text.startsWith("\n") ? indented : indented.substring(blanks.length());
    }

    private static Object sorted(Object value, Map<String, Object> named) {
        List<Object> elements = Values.elements(value);
        String attribute = named.containsKey("attribute") ? Values.text(named.get("attribute")) : "";
        elements.sort((a, b) ->
                attribute.isEmpty() ? Values.compare(a, b) : Values.compare(path(a, attribute), path(b, attribute)));
        return Values.isTrue(named.get("reverse")) ? new ArrayList<>(elements.reversed()) : elements;
    }

    private static Object mapped(Object value, List<Object> arguments, Map<String, Object> named) {
        List<Object> results = new ArrayList<>();
        for (Object element : Values.elements(value)) {
            if (named.containsKey("attribute")) {
                Object found = path(element, Values.text(named.get("attribute")));
                results.add(found instanceof Undefined ? named.getOrDefault("default", found) : found);
            } else {
                results.add(apply(
                        Values.text(arguments.getFirst()), element, arguments.subList(1, arguments.size()), Map.of()));
            }
        }
        return results;
    }

    private static Object path(Object value, String path) {
        Object found = value;
        for (String step : path.split("\\.")) {
            found = Members.item(found, step.matches("\\d{1,9}") ? (Object) Long.parseLong(step) : step);
        }
        return found;
    }

    private static Object chosen(Object value, List<Object> arguments, boolean wanted, boolean byAttribute) {
        int skip = byAttribute ? 1 : 0;
        List<Object> results = new ArrayList<>();
        for (Object element : Values.elements(value)) {
            Object looked = byAttribute ? path(element, Values.text(arguments.getFirst())) : element;
            boolean holds = arguments.size() > skip
                    ? Tests.holds(
                            Values.text(arguments.get(skip)), looked, arguments.subList(skip + 1, arguments.size()))
                    : Values.isTrue(looked);
            if (holds == wanted) {
                results.add(element);
            }
        }
        return results;
    }
}
