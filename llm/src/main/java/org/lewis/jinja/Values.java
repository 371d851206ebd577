package org.lewis.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What Python makes of values: null for None, `Boolean`, `Long`, `Double`, `String`, `List` and `Map`.
final class Values {

    private Values() {}

    static boolean isTrue(Object value) {
        return switch (value) {
            case null -> false;
            case Undefined _ -> false;
            case Boolean flag -> flag;
            case Number number -> number.doubleValue() != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    static boolean areEqual(Object a, Object b) {
        if (a instanceof Number first && b instanceof Number second) {
            return first.doubleValue() == second.doubleValue();
        }
        return a instanceof Undefined ? b instanceof Undefined : Objects.equals(a, b);
    }

    static int compare(Object a, Object b) {
        if (a instanceof Number first && b instanceof Number second) {
            return Double.compare(first.doubleValue(), second.doubleValue());
        }
        if (a instanceof String first && b instanceof String second) {
            return first.compareTo(second);
        }
        throw new JinjaException("cannot compare " + kind(a) + " with " + kind(b));
    }

    static boolean contains(Object whole, Object part) {
        return switch (whole) {
            case String text when part instanceof String piece -> text.contains(piece);
            case List<?> list -> list.stream().anyMatch(element -> areEqual(element, part));
            case Map<?, ?> map -> map.containsKey(part);
            case Undefined _ -> false;
            case null, default -> throw new JinjaException("cannot look into " + kind(whole));
        };
    }

    static Object add(Object a, Object b) {
        if (a instanceof String first && b instanceof String second) {
            return first + second;
        }
        if (a instanceof List<?> first && b instanceof List<?> second) {
            List<Object> all = new ArrayList<>(first);
            all.addAll(second);
            return all;
        }
        return arithmetic('+', a, b);
    }

    /// @param operator `:` divides down to a whole number, `^` raises to a power
    static Object arithmetic(char operator, Object a, Object b) {
        if (operator == '*' && a instanceof String text && b instanceof Long times) {
            return text.repeat((int) Math.clamp(times, 0, 10_000));
        }
        if (!(a instanceof Number first && b instanceof Number second)) {
            throw new JinjaException("cannot compute " + kind(a) + " " + operator + " " + kind(b));
        }
        if (a instanceof Long x && b instanceof Long y && operator != '/' && operator != '^') {
            if ((operator == '%' || operator == ':') && y == 0) {
                throw new JinjaException("division by zero");
            }
            return switch (operator) {
                case '+' -> x + y;
                case '-' -> x - y;
                case '*' -> x * y;
                case '%' -> Math.floorMod(x, y);
                default -> Math.floorDiv(x, y);
            };
        }
        double x = first.doubleValue();
        double y = second.doubleValue();
        return switch (operator) {
            case '+' -> x + y;
            case '-' -> x - y;
            case '*' -> x * y;
            case '/' -> x / y;
            case '%' -> x - y * Math.floor(x / y);
            case '^' -> whole(a, b, Math.pow(x, y));
            default -> Math.floor(x / y);
        };
    }

    private static Object whole(Object a, Object b, double power) {
        return a instanceof Long && b instanceof Long exponent && exponent >= 0 && Math.abs(power) < 1L << 53
                ? (Object) (long) power
                : (Object) power;
    }

    /// The elements that a loop goes through: of a mapping its keys, of a text its characters.
    static List<Object> elements(Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String text ->
                new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
            case Undefined _ -> List.of();
            case null, default -> throw new JinjaException("cannot go through " + kind(value));
        };
    }

    /// As `str` prints it.
    static String text(Object value) {
        return switch (value) {
            case null -> "None";
            case Undefined _ -> "";
            case Boolean flag -> flag ? "True" : "False";
            case String text -> text;
            default -> repr(value);
        };
    }

    private static String repr(Object value) {
        return switch (value) {
            case String text -> {
                String quote = text.contains("'") && !text.contains("\"") ? "\"" : "'";
                yield quote
                        + text.replace("\\", "\\\\")
                                .replace("\n", "\\n")
                                .replace("\t", "\\t")
                                .replace("\r", "\\r")
                                .replace(quote, quote.equals("'") ? "\\'" : quote)
                        + quote;
            }
            case List<?> list ->
                "[" + String.join(", ", list.stream().map(Values::repr).toList()) + "]";
            case Map<?, ?> map ->
                "{"
                        + String.join(
                                ", ",
                                map.entrySet().stream()
                                        .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
                                        .toList())
                        + "}";
            case Function _ -> throw new JinjaException("a function cannot be printed; call it");
            case null, default -> text(value == null || value instanceof Boolean ? value : value.toString());
        };
    }

    static String kind(Object value) {
        return switch (value) {
            case null -> "none";
            case Undefined(String name) -> "\"" + name + "\", which is undefined,";
            case Boolean _ -> "a boolean";
            case Number _ -> "a number";
            case String _ -> "a string";
            case List<?> _ -> "a list";
            case Map<?, ?> _ -> "a mapping";
            default -> "a function";
        };
    }
}
