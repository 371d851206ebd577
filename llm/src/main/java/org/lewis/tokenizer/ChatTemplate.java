package org.lewis.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.jinja.Function;
import org.lewis.jinja.Jinja;
import org.lewis.jinja.JinjaException;
import org.lewis.vocabulary.ChatTemplates;

/// How an instruct model wants a conversation to be written.
public final class ChatTemplate {

    /// Some templates write the date. A prompt must not change overnight, so it is the one that they have for engines
    /// without a clock.
    private static final LocalDate TODAY = LocalDate.of(2024, 7, 26);

    private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
    private static final List<String> SPECIAL_TOKENS =
            List.of("bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token");

    /// A turn of a conversation.
    ///
    /// @param role such as `system`, `user` or `assistant`
    public record Message(String role, String content) {}

    private final String source;
    private final Jinja template;
    private final Map<String, Object> specialTokens;

    private ChatTemplate(String source, Jinja template, Map<String, Object> specialTokens) {
        this.source = source;
        this.template = template;
        this.specialTokens = specialTokens;
    }

    /// The template of a model folder.
    ///
    /// @throws IOException when it has none, or none that can be read
    public static ChatTemplate open(Path modelFolder) throws IOException {
        String source = ChatTemplates.of(modelFolder)
                .orElseThrow(
                        () -> new IOException(modelFolder + ": has no chat template; only instruct models have one"));
        try {
            return new ChatTemplate(source, Jinja.parse(source), specialTokens(modelFolder));
        } catch (JinjaException e) {
            throw new IOException(modelFolder + ": the chat template cannot be read: " + e.getMessage(), e);
        }
    }

    /// The conversation as text, special tokens included, up to where the model is to answer.
    ///
    /// @throws IOException when the template refuses it
    public String render(List<Message> messages) throws IOException {
        List<Object> turns = new ArrayList<>();
        for (Message message : messages) {
            Map<String, Object> turn = new LinkedHashMap<>();
            turn.put("role", message.role());
            turn.put("content", message.content());
            turns.add(turn);
        }
        Map<String, Object> values = new LinkedHashMap<>(specialTokens);
        values.put("messages", turns);
        values.put("add_generation_prompt", true);
        values.put("strftime_now", (Function) (arguments, _) -> date((String) arguments.getFirst()));
        try {
            return template.render(values);
        } catch (JinjaException e) {
            throw new IOException("the chat template refuses the prompt: " + e.getMessage(), e);
        }
    }

    /// Equal for templates that render alike.
    public String identity() {
        return source + specialTokens;
    }

    /// The date by a format of C's `strftime`.
    private static String date(String format) {
        return format.replace("%d", String.format(Locale.ROOT, "%02d", TODAY.getDayOfMonth()))
                .replace("%m", String.format(Locale.ROOT, "%02d", TODAY.getMonthValue()))
                .replace("%b", "Jul")
                .replace("%B", "July")
                .replace("%A", "Friday")
                .replace("%a", "Fri")
                .replace("%Y", Integer.toString(TODAY.getYear()))
                .replace("%y", "24")
                .replace("%H", "00")
                .replace("%M", "00")
                .replace("%S", "00");
    }

    private static Map<String, Object> specialTokens(Path folder) throws IOException {
        Map<String, Object> tokens = new LinkedHashMap<>();
        Path file = folder.resolve(TOKENIZER_CONFIG);
        if (Files.isRegularFile(file)) {
            Node config = Json.read(file);
            for (String name : SPECIAL_TOKENS) {
                Optional<Node> token = config.find(name);
                token.ifPresent(found -> tokens.put(
                        name,
                        found.isText() ? found.text() : found.get("content").text()));
            }
        }
        return tokens;
    }
}
