package org.lewis.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Attributes, items and slices of values, and the methods that Python gives to texts, lists and mappings.
final class Members {

    private Members() {}

    /// `owner.name`: a method, or else an item.
    static Object attribute(Object owner, String name) {
        if (owner instanceof Undefined(String missing)) {
            throw new JinjaException("\"" + missing + "\" is undefined and has no \"" + name + "\"");
        }
        Object method = method(owner, name);
        if (!(method instanceof Undefined)) {
            return method;
        }
        return owner instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : new Undefined(name);
    }

    /// `owner[key]`: an item, or else a method.
    static Object item(Object owner, Object key) {
        return switch (owner) {
            case Map<?, ?> map when map.containsKey(key) -> map.get(key);
            case List<?> list when key instanceof Long index -> at(list, index);
            case String text when key instanceof Long index -> at(Values.elements(text), index);
            case Undefined(String name) ->
                throw new JinjaException("\"" + name + "\" is undefined and has no " + Values.text(key));
            case null, default -> key instanceof String name ? attribute(owner, name) : new Undefined(Values.text(key));
        };
    }

    private static Object at(List<?> list, long index) {
        long place = index < 0 ? index + list.size() : index;
        return place >= 0 && place < list.size() ? list.get((int) place) : new Undefined("[" + index + "]");
    }

    /// `owner[from:to:step]`, each null when it is left out.
    static Object slice(Object owner, Object from, Object to, Object step) {
        List<Object> all = Values.elements(owner);
        long stride = step == null ? 1 : whole(step);
        if (stride == 0) {
            throw new JinjaException("a slice cannot have steps of 0");
        }
        long size = all.size();
        long first = from == null ? (stride > 0 ? 0 : size - 1) : bounded(whole(from), size, stride);
        long last = to == null ? (stride > 0 ? size : -1) : bounded(whole(to), size, stride);
        List<Object> part = new ArrayList<>();
        for (long i = first; stride > 0 ? i < last : i > last; i += stride) {
            part.add(all.get((int) i));
        }
        return owner instanceof String
                ? String.join("", part.stream().map(Values::text).toList())
                : part;
    }

    private static long bounded(long index, long size, long stride) {
        long place = index < 0 ? index + size : index;
        return stride > 0 ? Math.clamp(place, 0, size) : Math.clamp(place, -1, size - 1);
    }

    static long whole(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw new JinjaException("expected a whole number, found " + Values.kind(value));
    }

    private static Object method(Object owner, String name) {
        return switch (owner) {
            case String text -> ofText(text, name);
            case Map<?, ?> map -> ofMap(map, name);
            case List<?> list
            when name.equals("append") ->
                (Function) (arguments, _) -> {
                    append(list, arguments.getFirst());
                    return null;
                };
            case List<?> list
            when name.equals("index") -> (Function) (arguments, _) -> (long) list.indexOf(arguments.getFirst());
            case List<?> list
            when name.equals("count") ->
                (Function) (arguments, _) -> list.stream()
                        .filter(element -> Values.areEqual(element, arguments.getFirst()))
                        .count();
            case null, default -> new Undefined(name);
        };
    }

    @SuppressWarnings("unchecked")
    private static void append(List<?> list, Object element) {
        ((List<Object>) list).add(element);
    }

    private static Object ofMap(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" ->
                (Function) (_, _) -> new ArrayList<Object>(map.entrySet().stream()
                        .map(entry -> new ArrayList<Object>(Arrays.asList(entry.getKey(), entry.getValue())))
                        .toList());
            case "keys" -> (Function) (_, _) -> new ArrayList<Object>(map.keySet());
            case "values" -> (Function) (_, _) -> new ArrayList<Object>(map.values());
            case "get" ->
                (Function) (arguments, _) -> map.containsKey(arguments.getFirst())
                        ? map.get(arguments.getFirst())
                        : arguments.size() > 1 ? arguments.get(1) : null;
            default -> new Undefined(name);
        };
    }

    private static Object ofText(String text, String name) {
        return switch (name) {
            case "strip" -> (Function) (arguments, _) -> stripped(text, arguments, true, true);
            case "lstrip" -> (Function) (arguments, _) -> stripped(text, arguments, true, false);
            case "rstrip" -> (Function) (arguments, _) -> stripped(text, arguments, false, true);
            case "split" -> (Function) (arguments, named) -> split(text, arguments, named);
            case "splitlines" ->
                (Function) (_, _) -> new ArrayList<Object>(text.lines().toList());
            case "startswith" -> (Function) (arguments, _) -> anyOf(arguments.getFirst(), text::startsWith);
            case "endswith" -> (Function) (arguments, _) -> anyOf(arguments.getFirst(), text::endsWith);
            case "find" -> (Function) (arguments, _) -> (long) text.indexOf(Values.text(arguments.getFirst()));
            case "count" ->
                (Function) (arguments, _) ->
                        (long) text.split(java.util.regex.Pattern.quote(Values.text(arguments.getFirst())), -1).length
                                - 1;
            case "replace" ->
                (Function) (arguments, _) -> text.replace(Values.text(arguments.get(0)), Values.text(arguments.get(1)));
            case "join" ->
                (Function) (arguments, _) -> String.join(
                        text,
                        Values.elements(arguments.getFirst()).stream()
                                .map(Values::text)
                                .toList());
            case "upper", "lower", "title", "capitalize" ->
                (Function) (_, _) -> Filters.apply(name, text, List.of(), Map.of());
            default -> new Undefined(name);
        };
    }

    private static boolean anyOf(Object candidates, java.util.function.Predicate<String> test) {
        return candidates instanceof List<?> list
                ? list.stream().map(Values::text).anyMatch(test)
                : test.test(Values.text(candidates));
    }

    private static String stripped(String text, List<Object> arguments, boolean left, boolean right) {
        String set = arguments.isEmpty() || arguments.getFirst() == null ? null : Values.text(arguments.getFirst());
        int from = 0;
        int to = text.length();
        while (left && from < to && isIn(text.charAt(from), set)) {
            from++;
        }
        while (right && from < to && isIn(text.charAt(to - 1), set)) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isIn(char c, String set) {
        return set == null ? Character.isWhitespace(c) || Character.isSpaceChar(c) : set.indexOf(c) >= 0;
    }

    private static List<Object> split(String text, List<Object> arguments, Map<String, Object> named) {
        Object separator = arguments.isEmpty() ? named.get("sep") : arguments.getFirst();
        Object most = arguments.size() > 1 ? arguments.get(1) : named.get("maxsplit");
        int limit = most == null ? -1 : (int) whole(most) + 1;
        if (separator == null) {
            return new ArrayList<>(List.of(stripped(text, List.of(), true, true).split("\\s+", Math.max(0, limit))));
        }
        String quoted = java.util.regex.Pattern.quote(Values.text(separator));
        return new ArrayList<>(Arrays.asList(text.split(quoted, limit)));
    }
}
