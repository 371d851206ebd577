package org.lewis.vocabulary;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.document.Json;

/// What a `tokenizer.json` says, as data: the tokens of a model, their ids, and how text becomes them.
///
/// @param root   members of the file; in place of the model and the added tokens nothing
/// @param model  members of the model; in place of its vocabulary and merges nothing
/// @param pieces id of each token of the model, in the order of ids
/// @param scores Unigram: of each piece, the logarithm of its probability
/// @param merges BPE: the pairs to join, the most urgent first
/// @param added  tokens on top, among them those that are pieces too
public record Vocabulary(
        Kind kind,
        Map<String, Object> root,
        Map<String, Object> model,
        Map<String, Integer> pieces,
        List<Double> scores,
        List<Merge> merges,
        List<AddedToken> added) {

    /// The algorithms of the tokenizers library, named as it names them.
    public enum Kind {
        BPE("BPE"),
        UNIGRAM("Unigram"),
        WORD_PIECE("WordPiece"),
        WORD_LEVEL("WordLevel");

        private final String type;

        Kind(String type) {
            this.type = type;
        }

        String type() {
            return type;
        }
    }

    /// Two tokens that stand side by side and become one.
    record Merge(String left, String right) {}

    /// Reads a `tokenizer.json`.
    ///
    /// @throws org.lewis.document.DocumentException when it is none that the tokenizers library would take
    public static Vocabulary read(Path file) throws IOException {
        return VocabularyReader.read(Json.read(file));
    }

    /// The id of every token, in the order of ids.
    public Map<String, Integer> ids() {
        Map<String, Integer> ids = new LinkedHashMap<>(pieces);
        added.stream()
                .sorted(java.util.Comparator.comparingInt(AddedToken::id))
                .forEach(token -> ids.putIfAbsent(token.content(), token.id()));
        return Collections.unmodifiableMap(ids);
    }

    /// One more than the largest id.
    public int size() {
        int size = 0;
        for (int id : ids().values()) {
            size = Math.max(size, id + 1);
        }
        return size;
    }

    /// Whether its pieces are written in the letters that stand for bytes, as those of GPT-2 are.
    boolean isOfBytes() {
        return mentionsByteLevel(root.get("pre_tokenizer")) || mentionsByteLevel(root.get("decoder"));
    }

    /// The algorithm and its letters, for messages.
    String description() {
        return kind.type() + (kind == Kind.BPE ? isOfBytes() ? " over bytes" : " over characters" : "");
    }

    /// Writes a `tokenizer.json`.
    public void write(OutputStream target) throws IOException {
        boolean merging = kind == Kind.BPE;
        Map<String, Object> body = new LinkedHashMap<>(model);
        body.put("vocab", kind == Kind.UNIGRAM ? scoredPieces() : pieces);
        if (merging) {
            body.put("merges", new Written(merges));
        }
        Map<String, Object> file = new LinkedHashMap<>(root);
        file.put("added_tokens", added.stream().map(AddedToken::definition).toList());
        file.put("model", body);
        Json.writePretty(file, target);
    }

    private List<List<Object>> scoredPieces() {
        List<List<Object>> scored = new ArrayList<>();
        pieces.keySet().forEach(piece -> scored.add(List.of(piece, scores.get(scored.size()))));
        return scored;
    }

    /// Merges as files have them, each made when it is its turn.
    private static final class Written extends AbstractList<List<String>> {

        private final List<Merge> merges;

        Written(List<Merge> merges) {
            this.merges = merges;
        }

        @Override
        public List<String> get(int index) {
            return List.of(merges.get(index).left(), merges.get(index).right());
        }

        @Override
        public int size() {
            return merges.size();
        }
    }

    private static boolean mentionsByteLevel(Object tree) {
        return switch (tree) {
            case Map<?, ?> map ->
                "ByteLevel".equals(map.get("type")) || map.values().stream().anyMatch(Vocabulary::mentionsByteLevel);
            case List<?> list -> list.stream().anyMatch(Vocabulary::mentionsByteLevel);
            case null, default -> false;
        };
    }
}
