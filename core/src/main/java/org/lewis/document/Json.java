package org.lewis.document;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// JSON in and out. Reading is strict: no duplicate keys, no trailing text, UTF-8 only.
public final class Json {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /// What the parser adds to its messages about itself.
    private static final Pattern ASIDE = Pattern.compile(" \\(start marker at .*|, from `[^`]*`");

    private Json() {}

    /// Reads a file that holds one value.
    ///
    /// @throws DocumentException when the file is no JSON
    public static Node read(Path file) throws IOException {
        refuseFolder(file);
        // Decoded piece by piece: the text of a tokenizer takes more memory than what it says.
        try (java.io.Reader text = Channels.newReader(FileChannel.open(file), decoder(), -1)) {
            return parse(new Place(file.toString(), 1, 1), FACTORY.createParser(ObjectReadContext.empty(), text));
        } catch (JacksonIOException e) {
            if (e.getCause() instanceof CharacterCodingException) {
                throw notUtf8(file.toString());
            }
            throw e.getCause();
        }
    }

    /// The text of a file that must be UTF-8.
    public static String utf8(Path file) throws IOException {
        refuseFolder(file);
        return utf8(file.toString(), Files.readAllBytes(file));
    }

    /// What systems say when one is read names no file.
    private static void refuseFolder(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": is a folder, not a file");
        }
    }

    /// Decodes bytes that must be UTF-8.
    public static String utf8(String file, byte[] bytes) {
        try {
            return decoder().decode(java.nio.ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw notUtf8(file);
        }
    }

    private static CharsetDecoder decoder() {
        return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    }

    private static DocumentException notUtf8(String file) {
        return new DocumentException(file + ": not valid UTF-8");
    }

    /// Reads a text that is one value.
    ///
    /// @param file the name to put into messages
    public static Node parse(String file, String text) {
        return parse(new Place(file, 1, 1), text);
    }

    /// One document of a file of many, such as a line of JSONL.
    public static Node parse(String file, int line, String text) {
        return parse(new Place(file, line, 1), text);
    }

    /// Whether a text looks like JSONL: of its lines that are not blank, each of the first two is a whole mapping,
    /// or each a whole list.
    public static boolean looksLikeLines(String text) {
        List<String> firstTwo = text.lines()
                .filter(line -> !line.isBlank())
                .limit(2)
                .map(String::strip)
                .toList();
        return firstTwo.size() == 2
                && Stream.of("{}", "[]")
                        .anyMatch(signs -> firstTwo.stream()
                                .allMatch(line -> line.charAt(0) == signs.charAt(0)
                                        && line.charAt(line.length() - 1) == signs.charAt(1)));
    }

    private static Node parse(Place start, String text) {
        return parse(start, FACTORY.createParser(ObjectReadContext.empty(), text));
    }

    private static Node parse(Place start, JsonParser open) {
        try (JsonParser parser = open) {
            return new Reader(parser, start).document();
        } catch (JacksonIOException e) {
            throw e;
        } catch (JacksonException e) {
            TokenStreamLocation location = e.getLocation();
            Place place = location == null
                    ? start
                    : start.at(start.line() + location.getLineNr() - 1, location.getColumnNr());
            throw new DocumentException(
                    place,
                    "not valid JSON: " + ASIDE.matcher(e.getOriginalMessage()).replaceAll(""));
        }
    }

    /// Reads one document, whose first line may be a later one of its file.
    private record Reader(JsonParser parser, Place start) {

        Node document() {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new DocumentException(start, "empty where JSON was expected");
            }
            Node node = node(first, start);
            if (parser.nextToken() != null) {
                throw new DocumentException(
                        new Place(start.file(), line(), column()), "text after the end of the JSON value");
            }
            return node;
        }

        private Node node(JsonToken token, Place place) {
            return switch (token) {
                case START_OBJECT -> new Node(place, members(place));
                case START_ARRAY -> new Node(place, elements(place));
                case VALUE_STRING -> new Node(place, parser.getString());
                case VALUE_NUMBER_INT ->
                    new Node(
                            place,
                            parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                                    ? parser.getBigIntegerValue()
                                    : (Object) parser.getLongValue());
                case VALUE_NUMBER_FLOAT -> new Node(place, finite(place));
                case VALUE_TRUE -> new Node(place, true);
                case VALUE_FALSE -> new Node(place, false);
                case VALUE_NULL -> new Node(place, null);
                default -> throw new DocumentException(place, "unexpected " + token);
            };
        }

        private double finite(Place place) {
            double number = parser.getDoubleValue();
            if (Double.isInfinite(number)) {
                throw new DocumentException(place, "the number " + parser.getString() + " is too large");
            }
            return number;
        }

        private Map<String, Node.Member> members(Place parent) {
            Map<String, Node.Member> members = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                Place keyPlace = parent.member(key, line(), column());
                JsonToken token = parser.nextToken();
                Place place = parent.member(key, line(), column());
                members.put(key, new Node.Member(keyPlace, node(token, place)));
            }
            return members;
        }

        private List<Node> elements(Place parent) {
            List<Node> elements = new ArrayList<>();
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                elements.add(node(token, parent.element(elements.size(), line(), column())));
            }
            return elements;
        }

        private int line() {
            return start.line() + parser.currentTokenLocation().getLineNr() - 1;
        }

        private int column() {
            return parser.currentTokenLocation().getColumnNr();
        }
    }

    private static final ObjectWriteContext INDENTED = new ObjectWriteContext.Base() {

        private final DefaultIndenter lines = new DefaultIndenter("  ", "\n");

        @Override
        public PrettyPrinter getPrettyPrinter() {
            return new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
        }
    };

    /// Maps, lists, strings, numbers, booleans and nulls as indented JSON that ends in a line feed.
    public static String pretty(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(INDENTED, text)) {
            write(generator, value);
        }
        return text.append("\n").toString();
    }

    /// The same in UTF-8, as it comes, for what is too long to be held twice.
    public static void writePretty(Object value, OutputStream target) throws IOException {
        Writer text = new OutputStreamWriter(target, StandardCharsets.UTF_8);
        JsonGenerator generator = FACTORY.createGenerator(INDENTED, text);
        write(generator, value);
        generator.flush();
        text.append('\n').flush();
    }

    /// The same on one line, for headers and JSONL.
    public static String compact(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            write(generator, value);
        }
        return text.toString();
    }

    private static void write(JsonGenerator generator, Object value) {
        switch (value) {
            case null -> generator.writeNull();
            case String text -> generator.writeString(text);
            case Boolean flag -> generator.writeBoolean(flag);
            case Double number when !Double.isFinite(number) -> generator.writeNull();
            case Double number -> generator.writeNumber(number);
            case Float number -> generator.writeNumber(number);
            case Integer number -> generator.writeNumber(number);
            case Long number -> generator.writeNumber(number);
            case java.math.BigInteger number -> generator.writeNumber(number);
            case List<?> list -> {
                generator.writeStartArray();
                list.forEach(element -> write(generator, element));
                generator.writeEndArray();
            }
            case Map<?, ?> map -> {
                generator.writeStartObject();
                map.forEach((key, member) -> {
                    generator.writeName((String) key);
                    write(generator, member);
                });
                generator.writeEndObject();
            }
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }
}
