package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Nearest;
import org.lewis.document.Node;

/// Reads a `tokenizer.json` and checks what the tokenizers library would check, and that no two tokens share an id.
final class VocabularyReader {

    private final Node root;
    private final Node model;

    private VocabularyReader(Node root) {
        this.root = root;
        this.model = root.get("model");
    }

    static Vocabulary read(Node root) {
        return new VocabularyReader(root).vocabulary();
    }

    private Vocabulary vocabulary() {
        Vocabulary.Kind kind = kind();
        Map<String, Integer> pieces = kind == Vocabulary.Kind.UNIGRAM ? listedPieces() : numberedPieces();
        return new Vocabulary(
                kind,
                members(root, "added_tokens", "model"),
                members(model, "vocab", "merges"),
                Collections.unmodifiableMap(pieces),
                kind == Vocabulary.Kind.UNIGRAM ? scores() : List.of(),
                kind == Vocabulary.Kind.BPE ? merges(pieces) : List.of(),
                added(pieces));
    }

    /// Old files leave the type out.
    private Vocabulary.Kind kind() {
        Optional<Node> type = model.find("type");
        if (type.isPresent()) {
            List<Vocabulary.Kind> kinds = List.of(Vocabulary.Kind.values());
            return kinds.stream()
                    .filter(kind -> kind.type().equals(type.get().text()))
                    .findFirst()
                    .orElseThrow(() -> type.get()
                            .error("unknown type " + type.get()
                                    + Nearest.suggestion(
                                            type.get().text(),
                                            kinds.stream()
                                                    .map(Vocabulary.Kind::type)
                                                    .toList())));
        }
        if (model.get("vocab").isSequence()) {
            return Vocabulary.Kind.UNIGRAM;
        }
        if (model.find("merges").isPresent()) {
            return Vocabulary.Kind.BPE;
        }
        return model.find("continuing_subword_prefix").isPresent()
                ? Vocabulary.Kind.WORD_PIECE
                : Vocabulary.Kind.WORD_LEVEL;
    }

    private static Map<String, Object> members(Node node, String... leftOut) {
        Map<String, Object> members = new LinkedHashMap<>();
        node.mapping().forEach((key, value) -> members.put(key, List.of(leftOut).contains(key) ? null : value.plain()));
        return Collections.unmodifiableMap(members);
    }

    private Map<String, Integer> numberedPieces() {
        Map<String, Node> byPiece = model.get("vocab").mapping();
        List<Map.Entry<String, Integer>> sorted = new ArrayList<>();
        byPiece.forEach((piece, id) -> sorted.add(Map.entry(piece, id.integer(0, Integer.MAX_VALUE - 1))));
        sorted.sort(Map.Entry.comparingByValue());
        Map<String, Integer> pieces = new LinkedHashMap<>();
        int last = -1;
        for (Map.Entry<String, Integer> piece : sorted) {
            if (piece.getValue() == last) {
                throw byPiece.get(piece.getKey()).error("two tokens have the id " + last);
            }
            last = piece.getValue();
            pieces.put(piece.getKey(), last);
        }
        return pieces;
    }

    private Map<String, Integer> listedPieces() {
        Map<String, Integer> pieces = new LinkedHashMap<>();
        for (Node piece : model.get("vocab").sequence()) {
            Node text = pair(piece, "a piece and its score").getFirst();
            if (pieces.put(text.text(), pieces.size()) != null) {
                throw text.error("the piece " + text + " is listed twice");
            }
        }
        return pieces;
    }

    private List<Double> scores() {
        return model.get("vocab").sequence().stream()
                .map(piece -> piece.sequence().getLast().number())
                .toList();
    }

    private List<Vocabulary.Merge> merges(Map<String, Integer> pieces) {
        Joining joining = Joining.of(model);
        // The same strings as in the vocabulary, so that they are held once.
        Map<String, String> known = new LinkedHashMap<>();
        pieces.keySet().forEach(piece -> known.put(piece, piece));
        List<Vocabulary.Merge> merges = new ArrayList<>();
        for (Node node : model.get("merges").sequence()) {
            Vocabulary.Merge merge = merge(node);
            for (String part : List.of(merge.left(), merge.right(), joining.join(merge))) {
                if (!known.containsKey(part)) {
                    throw node.error("joins to or from \"" + part + "\", which is not in the vocabulary");
                }
            }
            merges.add(new Vocabulary.Merge(known.get(merge.left()), known.get(merge.right())));
        }
        return List.copyOf(merges);
    }

    /// A pair, or as older files have it two tokens with a blank between.
    private static Vocabulary.Merge merge(Node node) {
        if (node.isText()) {
            String[] parts = node.text().split(" ", -1);
            if (parts.length != 2) {
                throw node.expected("two tokens with a blank between");
            }
            return new Vocabulary.Merge(parts[0], parts[1]);
        }
        List<Node> parts = pair(node, "two tokens");
        return new Vocabulary.Merge(parts.getFirst().text(), parts.getLast().text());
    }

    private static List<Node> pair(Node node, String what) {
        if (!node.isSequence() || node.sequence().size() != 2) {
            throw node.expected(what);
        }
        return node.sequence();
    }

    private List<AddedToken> added(Map<String, Integer> pieces) {
        List<Node> listed = root.find("added_tokens").map(Node::sequence).orElse(List.of());
        List<String> contents =
                listed.stream().map(node -> node.get("content").text()).toList();
        List<Integer> ids = AddedToken.numbered(pieces, contents);
        List<AddedToken> added = new ArrayList<>();
        for (int i = 0; i < listed.size(); i++) {
            @SuppressWarnings("unchecked")
            Map<String, Object> definition = (Map<String, Object>) listed.get(i).plain();
            added.add(new AddedToken(contents.get(i), ids.get(i), definition).at(ids.get(i)));
        }
        return List.copyOf(added);
    }
}
