package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lewis.document.Node;

/// The numbers in a `config.json` or `generation_config.json` that belong to a vocabulary.
public final class ConfigIds {

    private static final Pattern TOKEN_ID = Pattern.compile(".*_token_(id|ids|index)");
    private static final List<String> TEXT_PARTS = List.of("text_config", "llm_config", "language_config");

    private ConfigIds() {}

    /// Sets the size of the vocabulary, also that of the text model in a larger one.
    ///
    /// @param config members, to be changed
    @SuppressWarnings("unchecked")
    public static void setSize(Map<String, Object> config, int rows) {
        config.replace("vocab_size", (long) rows);
        for (String part : TEXT_PARTS) {
            config.computeIfPresent(part, (_, value) -> {
                if (!(value instanceof Map)) {
                    return value;
                }
                Map<String, Object> members = new LinkedHashMap<>((Map<String, Object>) value);
                members.replace("vocab_size", (long) rows);
                return members;
            });
        }
    }

    /// Translates ids of tokens to another vocabulary: as the same file of the vocabulary's own model has them, else
    /// by what the tokens are called, else to nothing.
    ///
    /// @param config members, to be changed
    /// @param theirs the same file of the model that gives the vocabulary, if it has one
    /// @param from   id of each token in the vocabulary that the ids come from
    /// @param to     the same in the new one
    public static void translate(
            Map<String, Object> config, Optional<Node> theirs, Map<String, Integer> from, Map<String, Integer> to) {
        Map<Long, String> tokens = new LinkedHashMap<>();
        from.forEach((token, id) -> tokens.put((long) id, token));
        for (String key : List.copyOf(config.keySet())) {
            Object value = config.get(key);
            if (!TOKEN_ID.matcher(key).matches() || value == null) {
                continue;
            }
            Optional<Object> translated =
                    theirs.flatMap(node -> node.find(key)).map(Node::plain).or(() -> translated(value, tokens, to));
            config.put(key, translated.orElse(null));
        }
    }

    private static Optional<Object> translated(Object value, Map<Long, String> tokens, Map<String, Integer> to) {
        if (value instanceof List<?> list) {
            List<Object> all = new ArrayList<>();
            list.forEach(element -> translated(element, tokens, to).ifPresent(all::add));
            return all.isEmpty() ? Optional.empty() : Optional.of(all);
        }
        return Optional.ofNullable(value instanceof Long id ? tokens.get(id) : null)
                .map(to::get)
                .map(Integer::longValue);
    }
}
