package org.lewis.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    private static Node parse(String text) {
        return Json.parse("config.json", text);
    }

    private static void assertRefused(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(DocumentException.class)
                .hasMessage(message);
    }

    @Test
    void everyKindOfValueIsRead() {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("text", "é\n");
        expected.put("whole", -7L);
        expected.put("huge", new BigInteger("123456789012345678901234567890"));
        expected.put("real", 1e-5);
        expected.put("flag", true);
        expected.put("nothing", null);
        expected.put("list", List.of(1L, List.of(), Map.of()));

        assertThat(parse("""
            {"text": "é\\n", "whole": -7, "huge": 123456789012345678901234567890, "real": 1e-5,
             "flag": true, "nothing": null, "list": [1, [], {}]}\
            """).plain()).isEqualTo(expected);
    }

    @Test
    void valuesKnowTheirPlace() {
        Node root = parse("""
            {
              "a": {
                "b": [10,
                  {"c": 1}]
              },
              "": {"d": 2}
            }\
            """);

        assertThat(root.place()).hasToString("config.json:1:1");
        assertThat(root.get("a").get("b").sequence().get(1).get("c").place()).hasToString("config.json:4:13: a.b[1].c");
        assertThat(root.get("").get("d").place()).hasToString("config.json:6:13: \"\".d");
    }

    @Test
    void valuesOfALineOfManyKnowThatLine() {
        Node row = Json.parse("train.jsonl", 7, "{\"a\": {\"b\": [1, {\"c\": 2}]}}");

        assertThat(row.get("a").get("b").sequence().get(1).get("c").place()).hasToString("train.jsonl:7:23: a.b[1].c");
        assertThatThrownBy(() -> Json.parse("train.jsonl", 7, "{\"a\" 1}"))
                .hasMessage("train.jsonl:7:6: not valid JSON: Unexpected character ('1' (code 49)):"
                        + " was expecting a colon to separate property name and value");
        assertThatThrownBy(() -> Json.parse("train.jsonl", 7, "1 2"))
                .hasMessage("train.jsonl:7:3: text after the end of the JSON value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n"})
    void nothingIsRefused(String text) {
        assertRefused(text, "config.json:1:1: empty where JSON was expected");
    }

    @Test
    void aMissingEndIsRefused() {
        assertRefused(
                "{\"a\": [1",
                "config.json:1:9: not valid JSON: Unexpected end-of-input: expected close marker for Array");
    }

    @Test
    void moreThanOneValueIsRefused() {
        assertRefused("{}\n{}", "config.json:2:1: text after the end of the JSON value");
    }

    @Test
    void aKeyThatStandsTwiceIsRefused() {
        assertRefused("{\"a\": 1,\n \"a\": 2}", "config.json:2:5: not valid JSON: Duplicate Object property \"a\"");
    }

    @Test
    void aNumberBeyondDoubleIsRefused() {
        assertRefused("[1,\n -1e400]", "config.json:2:2: [1]: the number -1e400 is too large");
    }

    @Test
    void aNumberOfThousandsOfDigitsIsRefused() {
        assertRefused(
                "9".repeat(4000),
                "config.json:1:1: not valid JSON: Number value length (4000) exceeds the maximum allowed (1000)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void nestingWithoutEndIsRefused(String opening) {
        assertRefused(
                opening.repeat(100_000),
                "config.json:1:1: not valid JSON: Document nesting depth (501) exceeds the maximum allowed (500)");
    }

    @Test
    void nestingOfFiveHundredLevelsIsRead() {
        assertThat(parse("[".repeat(500) + "]".repeat(500)).isSequence()).isTrue();
    }

    @Test
    void bytesThatAreNoUtf8AreRefused(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("config.json"), new byte[] {'"', (byte) 0xC3, '"'});

        assertThatThrownBy(() -> Json.read(file))
                .isInstanceOf(DocumentException.class)
                .hasMessage(file + ": not valid UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"NaN", "Infinity", "-Infinity", "'a'", "{a: 1}", "[1,]", "// a\n1", "01", "tru", "\u0000", "}"})
    void whatOtherParsersForgiveIsRefused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(DocumentException.class)
                .hasMessageMatching("config.json:1:\\d+: not valid JSON: [^\n]+");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        {}/{}           | true
        [1]//  [2] /{   | true
        {'a': 1}/[1]    | false
        [[1], [2]]      | false
        [/[1]/]         | false
        [1],/[2]        | false
        """)
    void manyValuesOnTheirLinesLookLikeLines(String text, boolean expected) {
        assertThat(Json.looksLikeLines(text.replace('/', '\n'))).isEqualTo(expected);
    }

    @Test
    void changedBytesGiveAValueOrARefusal() {
        String text = """
            {"model_type": "llama", "layers": [1, -2.5e3, {"a\\u00e9": null}], "deep": {"er": [true, false]}}\
            """;
        Mutations.of(text.getBytes(StandardCharsets.UTF_8), 20_000).forEach(bytes -> {
            try {
                parse(Json.utf8("config.json", bytes)).plain();
            } catch (DocumentException e) {
                assertThat(e).hasMessageStartingWith("config.json:");
            }
        });
    }

    @Test
    void whatIsWrittenReadsBack() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("text", "\"\\\u0001\u2028 é");
        tree.put("list", List.of(1L, 2.5, true, List.of(), Map.of()));
        tree.put("nothing", null);

        assertThat(parse(Json.compact(tree)).plain()).isEqualTo(tree);
        assertThat(parse(Json.pretty(tree)).plain()).isEqualTo(tree);
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-Infinity"})
    void numbersThatJsonLacksAreWrittenAsNull(double number) {
        assertThat(Json.compact(List.of(number))).isEqualTo("[null]");
    }
}
