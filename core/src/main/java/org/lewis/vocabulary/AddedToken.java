package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A token that is found in the text before anything else happens to it.
///
/// @param definition what `added_tokens` says about it, id and content included
record AddedToken(String content, int id, Map<String, Object> definition) {

    AddedToken {
        definition = Collections.unmodifiableMap(new LinkedHashMap<>(definition));
    }

    /// Of a text like any other, as the tokenizers library adds a token that nothing else is said of.
    static AddedToken plain(String content) {
        Map<String, Object> definition = new LinkedHashMap<>();
        definition.put("id", 0L);
        definition.put("content", content);
        definition.put("single_word", false);
        definition.put("lstrip", false);
        definition.put("rstrip", false);
        definition.put("normalized", true);
        definition.put("special", false);
        return new AddedToken(content, 0, definition);
    }

    /// Whether it steers the model rather than being part of a text.
    boolean isSpecial() {
        return Boolean.TRUE.equals(definition.get("special"));
    }

    AddedToken at(int newId) {
        Map<String, Object> changed = new LinkedHashMap<>(definition);
        changed.put("id", (long) newId);
        return new AddedToken(content, newId, changed);
    }

    /// The ids that the tokenizers library gives to added tokens, whatever their file says: those of the model's
    /// vocabulary keep theirs, the others go on where it ends, in their order.
    static List<Integer> numbered(Map<String, Integer> pieces, List<String> contents) {
        Map<String, Integer> known = new LinkedHashMap<>();
        Optional<Integer> largest = Optional.empty();
        List<Integer> ids = new ArrayList<>();
        for (String content : contents) {
            int next = Math.max(pieces.size(), largest.map(id -> id + 1).orElse(0));
            int id = Optional.ofNullable(known.get(content)).orElse(pieces.getOrDefault(content, next));
            known.put(content, id);
            largest = Optional.of(Math.max(id, largest.orElse(0)));
            ids.add(id);
        }
        return ids;
    }
}
