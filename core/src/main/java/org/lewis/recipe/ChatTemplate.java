package org.lewis.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.vocabulary.ChatTemplates;

/// What `chat_template` asks for.
///
/// @param text the template itself; empty for the one that most models have
public record ChatTemplate(Optional<String> text) {

    static ChatTemplate parse(Node node) {
        String text = node.text();
        if (text.equals("auto")) {
            return new ChatTemplate(Optional.empty());
        }
        Optional<String> builtIn = ChatTemplates.named(text);
        if (builtIn.isEmpty() && !text.contains("{")) {
            List<String> names = new ArrayList<>(ChatTemplates.names());
            names.addFirst("auto");
            throw node.error("neither a Jinja template nor the name of one: " + node + Nearest.suggestion(text, names));
        }
        return new ChatTemplate(Optional.of(builtIn.orElse(text)));
    }
}
