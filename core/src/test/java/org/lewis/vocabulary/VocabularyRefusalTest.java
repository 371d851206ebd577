package org.lewis.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Mutations;

/// Tokenizer files that nobody should believe.
final class VocabularyRefusalTest {

    private static final String TEXT = "sea see ship";

    @Test
    void aFileWithoutModel() {
        refused("{}", "t.json:1:1: \"model\" is missing");
    }

    @Test
    void anUnknownAlgorithm() {
        refused(
                "{\"model\": {\"type\": \"Bpe\", \"vocab\": {}}}",
                "t.json:1:20: model.type: unknown type \"Bpe\"; did you mean \"BPE\"?");
    }

    @Test
    void idsThatAreNoNumbers() {
        refused(
                "{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": -1}}}",
                "t.json:1:48: model.vocab.a: expected a whole number from 0 to 2147483646, found -1");
    }

    @Test
    void twoTokensOfOneId() {
        refused(
                "{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 1, \"b\": 1}}}",
                "t.json:1:56: model.vocab.b: two tokens have the id 1");
    }

    @Test
    void mergesOfUnknownTokens() {
        refused(
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": [\"a b\"]}}",
                "t.json:1:65: model.merges[0]: joins to or from \"ab\", which is not in the vocabulary");
    }

    @Test
    void mergesThatAreNoPairs() {
        String model = "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [%s]}}";
        refused(
                model.formatted("\"a\""),
                "t.json:1:57: model.merges[0]: expected two tokens with a blank between, found \"a\"");
        refused(model.formatted("[\"a\"]"), "t.json:1:57: model.merges[0]: expected two tokens, found a list of 1");
    }

    @Test
    void piecesWithoutScores() {
        refused(
                "{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\"]]}}",
                "t.json:1:41: model.vocab[0]: expected a piece and its score, found a list of 1");
    }

    @Test
    void piecesThatAreListedTwice() {
        refused(
                "{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", 0], [\"a\", 1]]}}",
                "t.json:1:52: model.vocab[1][0]: the piece \"a\" is listed twice");
    }

    @Test
    void addedTokensWithoutContent() {
        refused(
                "{\"added_tokens\": [{\"id\": 1}], \"model\": {\"type\": \"WordLevel\", \"vocab\": {}}}",
                "t.json:1:19: added_tokens[0]: \"content\" is missing");
    }

    @Test
    void damagedFilesAreReadOrRefusedAndNeverAnythingElse() {
        AtomicInteger read = new AtomicInteger();
        Vocabulary whole = read(SmallTokenizers.ofBytes("sail", 9, "<s>"));
        for (String json : java.util.List.of(
                SmallTokenizers.ofBytes(TEXT, 9, "<s>"),
                SmallTokenizers.ofCharacters(TEXT, 9, "<s>"),
                SmallTokenizers.ofPieces(Map.of("▁sea", -1.5, "s", -2.0), "<s>"))) {
            Mutations.of(json.getBytes(StandardCharsets.UTF_8), 700).forEach(bytes -> {
                try {
                    Vocabulary vocabulary = read(Json.utf8("t.json", bytes));
                    read.incrementAndGet();
                    assertThat(vocabulary.ids()).hasSizeLessThanOrEqualTo(vocabulary.size());
                    Map<String, Vocabulary> named = new LinkedHashMap<>();
                    named.put("whole", whole);
                    named.put("damaged", vocabulary);
                    Vocabulary union = Union.of(named, new ArrayList<>());
                    assertThat(read(SmallTokenizers.json(union)).ids()).isEqualTo(union.ids());
                } catch (DocumentException e) {
                    assertThat(e.getMessage()).isNotBlank();
                }
            });
        }
        assertThat(read).hasValueGreaterThan(5);
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(DocumentException.class)
                .hasMessage(message);
    }

    private static Vocabulary read(String json) {
        return VocabularyReader.read(Json.parse("t.json", json));
    }
}
