package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Node;

/// How the symbols of a word are marked and joined.
///
/// @param prefix of each symbol but a word's first, such as `##`; usually none
/// @param suffix of each symbol that ends a word, such as `</w>`; usually none
record Joining(String prefix, String suffix) {

    static Joining of(Node model) {
        return new Joining(
                model.find("continuing_subword_prefix").map(Node::text).orElse(""),
                model.find("end_of_word_suffix").map(Node::text).orElse(""));
    }

    static Joining of(Map<String, Object> model) {
        return new Joining(mark(model, "continuing_subword_prefix"), mark(model, "end_of_word_suffix"));
    }

    private static String mark(Map<String, Object> model, String key) {
        return Optional.ofNullable(model.get(key)).map(Object::toString).orElse("");
    }

    String join(Vocabulary.Merge merge) {
        return merge.left()
                + (merge.right().startsWith(prefix) ? merge.right().substring(prefix.length()) : merge.right());
    }

    /// The symbols that a token is made of before anything is joined.
    List<String> symbols(String token) {
        boolean continues = !prefix.isEmpty() && token.startsWith(prefix);
        boolean ends = !suffix.isEmpty() && token.endsWith(suffix);
        int[] letters = token.substring(
                        continues ? prefix.length() : 0,
                        Math.max(continues ? prefix.length() : 0, token.length() - (ends ? suffix.length() : 0)))
                .codePoints()
                .toArray();
        List<String> symbols = new ArrayList<>();
        for (int i = 0; i < letters.length; i++) {
            symbols.add((i > 0 || continues ? prefix : "")
                    + Character.toString(letters[i])
                    + (ends && i == letters.length - 1 ? suffix : ""));
        }
        return symbols;
    }
}
