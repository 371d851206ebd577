package org.lewis.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.vocabulary.SmallTokenizers;
import org.lewis.vocabulary.Union;
import org.lewis.vocabulary.Vocabulary;

/// Unions of vocabularies are tokenizers that the tokenizers library reads and that number tokens as they say.
final class UnionTokenizerTest {

    private static final String SEA = "the sea and the ship and the wind on the sea shall see the ship sail away";
    private static final String CODE = "def sort(list): return sorted(list) def short(list): return list[shortest]";
    private static final String FOREIGN = "the list, Übermut, 帆船 and 🙂 away";

    @TempDir
    Path folder;

    @Test
    void theTokensOfTheFirstAreCutAsBefore() throws IOException {
        for (Pair pair : List.of(bytes(), characters(), pieces())) {
            assertThat(names(SEA, pair.union)).isEqualTo(names(SEA, pair.first));
        }
    }

    @Test
    void theTokensOfTheOtherAreCutAsTheOtherCutsThem() throws IOException {
        // But for one word of which the first vocabulary has another beginning; that is noted.
        Pair bytes = bytes();
        assertThat(names("def sort(list): return sorted", bytes.union))
                .isEqualTo(names("def sort(list): return sorted", bytes.other))
                .contains("Ġsort", "Ġreturn");
        Pair characters = characters();
        assertThat(names("def sort(list): return sorted(list)", characters.union))
                .isEqualTo(names("def sort(list): return sorted(list)", characters.other))
                .containsExactly("▁def", "▁sort(list):", "▁return", "▁sorted(list)");
        Pair pieces = pieces();
        assertThat(names("sort the list", pieces.union)).containsExactly("▁sort", "▁the", "▁list");
    }

    /// The library takes the longest piece that fits, so a longer one that only the other knows comes first.
    @Test
    void wordPiecesOfBothAreFound() throws IOException {
        Pair words = words();
        assertThat(names("sailing the sea", words.first)).containsExactly("sail", "##ing", "the", "sea");
        assertThat(names("sailing the seas", words.union)).containsExactly("sail", "##ing", "the", "sea", "##s");
        assertThat(names("sorting sorted lists", words.other))
                .containsExactly("sort", "##ing", "sorted", "list", "##s");
        assertThat(names("sorting sorted lists", words.union)).isEqualTo(names("sorting sorted lists", words.other));
        assertThat(names("def", words.union)).containsExactly("[UNK]");
    }

    @Test
    void everyAddedTokenIsFoundUnderItsId() throws IOException {
        for (Pair pair : pairs()) {
            try (Tokenizer tokenizer = Tokenizer.open(pair.union)) {
                Vocabulary vocabulary = Vocabulary.read(pair.union.resolve("tokenizer.json"));
                assertThat(tokenizer.vocabularySize()).isEqualTo(vocabulary.size());
                for (String token : List.of("<s>", "<im>", "</im>")) {
                    assertThat(tokenizer.encode(token, false))
                            .containsExactly(vocabulary.ids().get(token));
                }
            }
        }
    }

    @Test
    void textsComeBack() throws IOException {
        for (Pair pair : List.of(bytes(), characters())) {
            try (Tokenizer tokenizer = Tokenizer.open(pair.union)) {
                for (String text : List.of(SEA, CODE, FOREIGN)) {
                    assertThat(tokenizer.decode(tokenizer.encode(text, false))).isEqualTo(text);
                }
            }
        }
    }

    @Test
    void whereTheLibraryPutsAddedTokensIsWhereTheVocabularySays() throws IOException {
        // The file says 40 and 41, but the library goes on where the vocabulary ends.
        Path folder = this.folder.resolve("odd");
        Vocabulary vocabulary = write(folder, """
            {"added_tokens": [{"id": 41, "content": "<b>", "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true},
               {"id": 40, "content": "<a>", "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true}],
             "model": {"type": "WordLevel", "vocab": {"x": 0, "y": 5}, "unk_token": "x"}}\
            """);
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            for (String token : List.of("<a>", "<b>", "y")) {
                assertThat(tokenizer.encode(token, false))
                        .containsExactly(vocabulary.ids().get(token));
            }
        }
    }

    /// Folders with the tokenizers of two models and their union.
    private record Pair(Path first, Path other, Path union) {}

    private List<Pair> pairs() throws IOException {
        return List.of(bytes(), characters(), pieces(), words());
    }

    private Pair words() throws IOException {
        return pair(
                "words",
                SmallTokenizers.ofWordPieces(List.of("the", "sail", "##ing", "sea"), "<s>", "<im>"),
                SmallTokenizers.ofWordPieces(List.of("sort", "sorted", "##ing", "list", "##s"), "<s>", "</im>"));
    }

    private Pair bytes() throws IOException {
        return pair(
                "bytes",
                SmallTokenizers.ofBytes(SEA, 40, "<s>", "<im>"),
                SmallTokenizers.ofBytes(CODE, 40, "<s>", "</im>"));
    }

    private Pair characters() throws IOException {
        return pair(
                "characters",
                SmallTokenizers.ofCharacters(SEA, 40, "<s>", "<im>"),
                SmallTokenizers.ofCharacters(CODE, 40, "<s>", "</im>"));
    }

    private Pair pieces() throws IOException {
        return pair(
                "pieces",
                SmallTokenizers.ofPieces(new TreeMap<>(Map.of("▁the", -1.0, "▁sea", -2.0)), "<s>", "<im>"),
                SmallTokenizers.ofPieces(new TreeMap<>(Map.of("▁list", -1.5, "▁sort", -3.0)), "<s>", "</im>"));
    }

    private Pair pair(String name, String first, String other) throws IOException {
        Pair pair = new Pair(
                folder.resolve(name).resolve("first"),
                folder.resolve(name).resolve("other"),
                folder.resolve(name).resolve("union"));
        Map<String, Vocabulary> all = new LinkedHashMap<>();
        all.put("first", write(pair.first, first));
        all.put("other", write(pair.other, other));
        write(pair.union, SmallTokenizers.json(Union.of(all, new ArrayList<>())));
        return pair;
    }

    private static Vocabulary write(Path folder, String json) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("tokenizer.json"), json);
        return Vocabulary.read(folder.resolve("tokenizer.json"));
    }

    /// The tokens that a folder's tokenizer makes of a text.
    private static List<String> names(String text, Path folder) throws IOException {
        Map<Integer, String> tokens = new LinkedHashMap<>();
        Vocabulary.read(folder.resolve("tokenizer.json")).ids().forEach((token, id) -> tokens.put(id, token));
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            return Arrays.stream(tokenizer.encode(text, false))
                    .mapToObj(tokens::get)
                    .toList();
        }
    }
}
