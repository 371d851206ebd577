package org.lewis.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;

final class UnionTest {

    private static final String SEA = "the sea and the ship and the wind on the sea shall see the ship sail away";
    private static final String CODE = "def sort(list): return sorted(list) def short(list): return list[shortest]";

    private final List<String> notes = new ArrayList<>();

    @Test
    void theUnionOfOneVocabularyWithItselfIsThatVocabulary() {
        for (String json : List.of(
                SmallTokenizers.ofBytes(SEA, 30, "<s>"),
                SmallTokenizers.ofCharacters(SEA, 30, "<s>"),
                SmallTokenizers.ofPieces(Map.of("▁sea", -3.0), "<s>"),
                SmallTokenizers.ofWordPieces(List.of("sea", "##s"), "<s>"))) {
            Vocabulary vocabulary = read(json);
            assertThat(union(vocabulary, read(json))).isEqualTo(vocabulary);
            assertThat(read(SmallTokenizers.json(vocabulary))).isEqualTo(vocabulary);
        }
        assertThat(notes).isEmpty();
    }

    @Test
    void theFirstKeepsItsIdsAndTheOthersTokensFollow() {
        Vocabulary sea = read(SmallTokenizers.ofBytes(SEA, 30, "<s>"));
        Vocabulary code = read(SmallTokenizers.ofBytes(CODE, 30, "<s>", "<code>"));
        Vocabulary union = union(sea, code);
        Map<String, Integer> expected = new LinkedHashMap<>(sea.ids());
        code.ids().keySet().forEach(token -> expected.putIfAbsent(token, expected.size()));
        assertThat(union.ids()).isEqualTo(expected);
        assertThat(union.size()).isEqualTo(expected.size());
        assertThat(union.added()).extracting(AddedToken::content).containsExactly("<s>", "<code>");
    }

    @Test
    void theFileThatIsWrittenHasTheSameIds() {
        Vocabulary union =
                union(read(SmallTokenizers.ofBytes(SEA, 30, "<s>")), read(SmallTokenizers.ofBytes(CODE, 30, "<code>")));
        assertThat(read(SmallTokenizers.json(union)).ids()).isEqualTo(union.ids());
    }

    @Test
    void addedTokensAloneLeaveTheVocabularyAsItIs() {
        Vocabulary sea = read(SmallTokenizers.ofBytes(SEA, 30, "<s>"));
        Vocabulary union = union(sea, read(SmallTokenizers.ofBytes(SEA, 30, "<s>", "<chat>")));
        assertThat(union.pieces()).isEqualTo(sea.pieces());
        assertThat(union.ids()).containsEntry("<chat>", sea.size());
    }

    @Test
    void wordsAreCutAsTheirOwnVocabularyCutsThem() {
        Vocabulary sea = read(SmallTokenizers.ofBytes(SEA, 60));
        Vocabulary code = read(SmallTokenizers.ofBytes(CODE, 60));
        BytePairs union =
                new BytePairs(Joining.of(sea.model()), union(sea, code).merges());
        BytePairs first = new BytePairs(Joining.of(sea.model()), sea.merges());
        for (String piece : sea.pieces().keySet()) {
            assertThat(union.cut(piece)).isEqualTo(first.cut(piece)).hasSize(1);
        }
        List<String> lost = code.pieces().keySet().stream()
                .filter(piece -> union.cut(piece).size() > 1)
                .toList();
        assertThat(lost).containsExactly("Ġshort(list):");
        assertThat(notes).singleElement().asString().startsWith("of the tokens of other 1 have rows but");
    }

    @Test
    void aTokenThatTheMergesBeforeCutInTwoGetsAMergeOfItsOwn() {
        Vocabulary first = read(pairs("a b c d ab cd", "a b", "c d"));
        Vocabulary other = read(pairs("a b c d bc abc abcd", "b c", "a bc", "abc d"));
        Vocabulary union = union(first, other);
        assertThat(new BytePairs(Joining.of(first.model()), union.merges()).cut("abcd"))
                .containsExactly("abcd");
        assertThat(union.merges()).endsWith(new Vocabulary.Merge("ab", "cd"));
    }

    @Test
    void thePartsMayBeJoinedByWayOfOtherTokens() {
        Vocabulary first = read(pairs("a b c d e f ab cd ef", "a b", "c d", "e f"));
        Vocabulary other =
                read(pairs("a b c d e f bc abc abcd de def abcdef", "b c", "a bc", "abc d", "d e", "de f", "abc def"));
        Vocabulary union = union(first, other);
        BytePairs pairs = new BytePairs(Joining.of(first.model()), union.merges());
        assertThat(pairs.cut("abcdef")).containsExactly("abcdef");
        assertThat(pairs.cut("cdef")).containsExactly("cd", "ef");
    }

    @Test
    void tokensThatNoTextGivesAnyMoreAreCounted() {
        Vocabulary first = read(pairs("a b c d e ab cd", "a b", "c d"));
        Vocabulary other = read(pairs("a b c d e bc de bcde abcde", "b c", "d e", "bc de", "a bcde"));
        union(first, other);
        assertThat(notes)
                .containsExactly("of the tokens of other 2 have rows but cannot come out of a text: the merges before"
                        + " theirs join their parts in other ways");
    }

    @Test
    void unigramPiecesKeepTheirScores() {
        Vocabulary union = union(
                read(SmallTokenizers.ofPieces(Map.of("▁sea", -3.0), "<s>")),
                read(SmallTokenizers.ofPieces(Map.of("▁code", -4.5), "<c>")));
        assertThat(union.pieces().keySet()).containsExactly("<unk>", "▁sea", "<s>", "▁code", "<c>");
        assertThat(union.scores()).containsExactly(0.0, -3.0, 0.0, -4.5, 0.0);
    }

    @Test
    void gapsInTheIdsStay() {
        Vocabulary first =
                read("{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0, \"c\": 7, \"b\": 2}, \"unk_token\":"
                        + " \"a\"}}");
        Vocabulary other =
                read("{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"d\": 0, \"a\": 1}, \"unk_token\": \"a\"}}");
        Vocabulary union = union(first, other);
        assertThat(union.ids()).isEqualTo(Map.of("a", 0, "b", 2, "c", 7, "d", 8));
        assertThat(union.size()).isEqualTo(9);
    }

    @Test
    void specialTokensOfOthersBecomeSpecialWhereTheyWereOrdinary() {
        Vocabulary first = read("{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0, \"<s>\": 1}}}");
        Vocabulary other = read("{\"added_tokens\": [" + Json.compact(SmallTokenizers.added(1, "<s>"))
                + "], \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}}}");
        assertThat(union(first, other).added()).singleElement().satisfies(token -> {
            assertThat(token.content()).isEqualTo("<s>");
            assertThat(token.id()).isEqualTo(1);
        });
    }

    @Test
    void otherRulesForWordsAreNoted() {
        String json = SmallTokenizers.ofBytes(SEA, 30);
        union(
                read(json),
                read(SmallTokenizers.ofBytes(CODE, 30).replace("\"use_regex\" : true", "\"use_regex\" : false")));
        assertThat(notes)
                .containsExactly("the tokenizer of other has another pre_tokenizer than the union, so that some of its"
                        + " tokens may not come out of a text");
    }

    @Test
    void vocabulariesOfDifferentKindsHaveNoUnion() {
        Vocabulary bytes = read(SmallTokenizers.ofBytes(SEA, 30));
        assertThatThrownBy(() -> union(bytes, read(SmallTokenizers.ofCharacters(SEA, 30))))
                .isInstanceOf(DocumentException.class)
                .hasMessage("the tokenizers of first and other have no union: one is BPE over bytes, the other BPE over"
                        + " characters; take one of them, `tokenizer_source: base` or a model");
        assertThatThrownBy(() -> union(bytes, read(SmallTokenizers.ofPieces(Map.of("a", -1.0)))))
                .hasMessage("the tokenizers of first and other have no union: one is BPE over bytes, the other Unigram;"
                        + " take one of them, `tokenizer_source: base` or a model");
    }

    private Vocabulary union(Vocabulary first, Vocabulary other) {
        Map<String, Vocabulary> named = new LinkedHashMap<>();
        named.put("first", first);
        named.put("other", other);
        return Union.of(named, notes);
    }

    private static Vocabulary read(String json) {
        return VocabularyReader.read(Json.parse("tokenizer.json", json));
    }

    private static String pairs(String tokens, String... merges) {
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        for (String token : tokens.split(" ")) {
            vocabulary.put(token, (long) vocabulary.size());
        }
        return "{\"model\": {\"type\": \"BPE\", \"vocab\": " + Json.compact(vocabulary) + ", \"merges\": "
                + Json.compact(List.of(merges)) + "}}";
    }
}
