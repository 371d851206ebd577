package org.lewis.document;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// A value of a JSON or YAML document that knows where it stands, so that whoever refuses it can say where.
///
/// The value is a mapping, a sequence, a string, a `Long` or `Double` (or `BigInteger`), a `Boolean`, or null.
public final class Node {

    /// @param key   where the key stands
    /// @param value what it leads to
    record Member(Place key, Node value) {}

    /// Characters of a string that a message repeats.
    private static final int LONGEST_QUOTE = 80;

    private final Place place;
    private final Object value;

    Node(Place place, Object value) {
        this.place = place;
        this.value = value;
    }

    /// A tree of maps with text keys, lists, and scalars that stands nowhere but at one place, such as a row of a
    /// table.
    public static Node of(Place place, Object plain) {
        return switch (plain) {
            case Map<?, ?> map -> {
                Map<String, Member> members = new LinkedHashMap<>();
                map.forEach((key, member) -> members.put((String) key, new Member(place, of(place, member))));
                yield new Node(place, members);
            }
            case List<?> list ->
                new Node(place, list.stream().map(element -> of(place, element)).toList());
            case null, default -> new Node(place, plain);
        };
    }

    public Place place() {
        return place;
    }

    public boolean isMapping() {
        return value instanceof Map;
    }

    public boolean isSequence() {
        return value instanceof List;
    }

    public boolean isText() {
        return value instanceof String;
    }

    public boolean isNumber() {
        return value instanceof Number;
    }

    public boolean isFlag() {
        return value instanceof Boolean;
    }

    public boolean isNull() {
        return value == null;
    }

    /// The member of that name, unless it is absent or null.
    public Optional<Node> find(String key) {
        Member member = members().get(key);
        return member == null || member.value().isNull() ? Optional.empty() : Optional.of(member.value());
    }

    /// The member of that name, which must be there.
    public Node get(String key) {
        return find(key).orElseThrow(() -> error("\"" + key + "\" is missing"));
    }

    /// The members in the order of the document.
    public Map<String, Node> mapping() {
        Map<String, Node> nodes = new LinkedHashMap<>();
        members().forEach((key, member) -> nodes.put(key, member.value()));
        return nodes;
    }

    /// Where the key of each member stands, in the order of the document.
    public Map<String, Place> keys() {
        Map<String, Place> keys = new LinkedHashMap<>();
        members().forEach((key, member) -> keys.put(key, member.key()));
        return keys;
    }

    public List<Node> sequence() {
        if (value instanceof List<?> list) {
            return list.stream().map(Node.class::cast).toList();
        }
        throw expected("a list");
    }

    public String text() {
        if (value instanceof String text) {
            return text;
        }
        throw expected("a string");
    }

    public double number() {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw expected("a number");
    }

    /// A whole number that fits a `long`; `2.0` counts as whole.
    public long integer() {
        if (value instanceof Long integer) {
            return integer;
        }
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1L << 53) {
            return number.longValue();
        }
        throw expected("a whole number");
    }

    public int integer(int least, int most) {
        long integer = integer();
        if (integer < least || integer > most) {
            throw expected("a whole number from " + least + " to " + most);
        }
        return (int) integer;
    }

    public boolean flag() {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw expected("true or false");
    }

    /// Refuses members of any other name and suggests the nearest allowed one.
    public Node allowing(String... keys) {
        List<String> allowed = Arrays.asList(keys);
        members().forEach((key, member) -> {
            if (!allowed.contains(key)) {
                throw new DocumentException(
                        member.key(), "unknown key \"" + key + "\"" + Nearest.suggestion(key, allowed));
            }
        });
        return this;
    }

    /// The same tree as plain maps, lists, strings, numbers and booleans, free to change.
    public Object plain() {
        if (value instanceof Map) {
            Map<String, Object> plain = new LinkedHashMap<>();
            members().forEach((key, member) -> plain.put(key, member.value().plain()));
            return plain;
        }
        if (value instanceof List) {
            return sequence().stream().map(Node::plain).collect(Collectors.toList());
        }
        return value;
    }

    public DocumentException error(String problem) {
        return new DocumentException(place, problem);
    }

    public DocumentException expected(String what) {
        return error("expected " + what + ", found " + this);
    }

    /// The value as a short text for messages.
    @Override
    public String toString() {
        return switch (value) {
            case null -> "nothing";
            case String text -> "\"" + brief(text) + "\"";
            case Map<?, ?> map -> "a mapping of " + map.size();
            case List<?> list -> "a list of " + list.size();
            default -> value.toString();
        };
    }

    private static String brief(String text) {
        String line = text.replace("\n", "\\n").replace("\r", "\\r");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "...";
    }

    @SuppressWarnings("unchecked")
    private Map<String, Member> members() {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Member>) map;
        }
        throw expected("a mapping");
    }
}
