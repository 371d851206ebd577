package org.lewis.document;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/// Reads YAML 1.2 with anchors and the merge key `<<`, which recipes of the field use.
public final class Yaml {

    private static final Schema SCHEMA = new CoreSchema();
    private static final Set<Tag> SCALARS = Set.of(Tag.STR, Tag.NULL, Tag.BOOL, Tag.INT, Tag.FLOAT);

    private final IdentityHashMap<org.snakeyaml.engine.v2.nodes.Node, Node> shared = new IdentityHashMap<>();
    private final Set<org.snakeyaml.engine.v2.nodes.Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private Yaml() {}

    /// Reads a file that holds one document.
    ///
    /// @throws DocumentException when the file is no YAML, or holds no or several documents
    public static Node read(Path file) throws IOException {
        return parse(file.toString(), Json.utf8(file));
    }

    /// Reads a text that is one document.
    ///
    /// @param file the name to put into messages
    public static Node parse(String file, String text) {
        List<Node> documents = parseAll(file, text);
        if (documents.size() > 1) {
            throw new DocumentException(new Place(file, 1, 1), "expected one document, found " + documents.size());
        }
        return documents.getFirst();
    }

    /// Reads a text of one or more documents.
    ///
    /// @param file the name to put into messages
    public static List<Node> parseAll(String file, String text) {
        Place start = new Place(file, 1, 1);
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setSchema(SCHEMA)
                .setUseMarks(true)
                .build();
        try {
            Parser parser = new ShallowParser(new ParserImpl(settings, new StreamReader(settings, text)), file);
            List<Node> documents = new ArrayList<>();
            // The first one's place is the file's start, whatever comments stand before it.
            new Composer(settings, parser)
                    .forEachRemaining(yaml -> documents.add(new Yaml()
                            .node(yaml, documents.isEmpty() ? start : new Place(file, line(yaml), column(yaml)))));
            if (documents.isEmpty()) {
                throw new DocumentException(start, "empty where YAML was expected");
            }
            return documents;
        } catch (MarkedYamlEngineException e) {
            throw new DocumentException(
                    e.getProblemMark().map(mark -> at(file, mark)).orElse(start), "not valid YAML: " + e.getProblem());
        } catch (ReaderException e) {
            String character = String.format("U+%04X", e.getCodePoint());
            throw new DocumentException(
                    start,
                    "not valid YAML: character " + (e.getPosition() + 1) + " is " + character
                            + ", which is not allowed");
        } catch (YamlEngineException e) {
            throw new DocumentException(start, "not valid YAML: " + e.getMessage());
        }
    }

    /// Maps, lists, strings, numbers and booleans as YAML in block style.
    public static String write(Object value) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setSchema(new CoreSchema())
                .build();
        return new Dump(settings).dumpToString(value);
    }

    static Place at(String file, Mark mark) {
        return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private Node node(org.snakeyaml.engine.v2.nodes.Node yaml, Place place) {
        if (shared.containsKey(yaml)) {
            return shared.get(yaml);
        }
        if (!open.add(yaml)) {
            throw new DocumentException(place, "an anchor that contains itself");
        }
        Node node = switch (yaml) {
            case ScalarNode scalar -> new Node(place, value(scalar, place));
            case SequenceNode sequence
            when sequence.getTag().equals(Tag.SEQ) -> new Node(place, elements(sequence, place));
            case MappingNode mapping when mapping.getTag().equals(Tag.MAP) -> new Node(place, members(mapping, place));
            default -> throw new DocumentException(place, "unknown tag " + brief(yaml.getTag()));
        };
        open.remove(yaml);
        shared.put(yaml, node);
        return node;
    }

    private List<Node> elements(SequenceNode sequence, Place place) {
        List<Node> elements = new ArrayList<>();
        for (org.snakeyaml.engine.v2.nodes.Node element : sequence.getValue()) {
            elements.add(node(element, place.element(elements.size(), line(element), column(element))));
        }
        return elements;
    }

    private Map<String, Node.Member> members(MappingNode mapping, Place place) {
        Map<String, Node.Member> members = new LinkedHashMap<>();
        Map<String, Node.Member> merged = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = key(tuple.getKeyNode(), place);
            Place keyPlace = place.member(key, line(tuple.getKeyNode()), column(tuple.getKeyNode()));
            Node value = node(
                    tuple.getValueNode(), place.member(key, line(tuple.getValueNode()), column(tuple.getValueNode())));
            if (key.equals("<<")) {
                (value.isSequence() ? value.sequence() : List.of(value))
                        .forEach(source -> source.mapping()
                                .forEach((name, member) ->
                                        merged.putIfAbsent(name, new Node.Member(member.place(), member))));
            } else if (members.putIfAbsent(key, new Node.Member(keyPlace, value)) != null) {
                throw new DocumentException(keyPlace, "the key \"" + key + "\" stands here twice");
            }
        }
        merged.forEach(members::putIfAbsent);
        return members;
    }

    private String key(org.snakeyaml.engine.v2.nodes.Node key, Place place) {
        if (key instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw new DocumentException(place, "expected a word as key");
    }

    private static Object value(ScalarNode scalar, Place place) {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        if (!SCALARS.contains(tag)) {
            throw new DocumentException(place, "unknown tag " + brief(tag));
        }
        if (tag.equals(Tag.STR)) {
            return text;
        }
        // A tag that somebody wrote may promise what the text does not hold.
        if (!SCHEMA.getScalarResolver().resolve(text, true).equals(tag)) {
            throw new DocumentException(place, "\"" + text + "\" is no " + brief(tag));
        }
        if (tag.equals(Tag.NULL)) {
            return null;
        }
        if (tag.equals(Tag.BOOL)) {
            return Boolean.valueOf(text);
        }
        return tag.equals(Tag.INT) ? integer(text, place) : (Object) floating(text, place);
    }

    private static String brief(Tag tag) {
        return tag.getValue().replace(Tag.PREFIX, "!!");
    }

    private static double floating(String text, Place place) {
        double number = switch (text.toLowerCase(Locale.ROOT)) {
            case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            case ".nan" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
        if (Double.isInfinite(number) && !text.toLowerCase(Locale.ROOT).endsWith(".inf")) {
            throw new DocumentException(place, "the number " + text + " is too large");
        }
        return number;
    }

    private static long integer(String text, Place place) {
        try {
            if (text.startsWith("0x")) {
                return Long.parseLong(text.substring(2), 16);
            }
            return text.startsWith("0o") ? Long.parseLong(text.substring(2), 8) : Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw new DocumentException(place, "the number " + text + " is too large");
        }
    }

    private static int line(org.snakeyaml.engine.v2.nodes.Node yaml) {
        return yaml.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private static int column(org.snakeyaml.engine.v2.nodes.Node yaml) {
        return yaml.getStartMark().map(Mark::getColumn).orElse(0) + 1;
    }
}
