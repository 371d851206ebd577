package org.lewis.evaluate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.tokenizer.ChatTemplate;
import org.lewis.tokenizer.Tokenizer;

/// A model to be evaluated, with all that turns text into what it reads and back.
public final class Subject implements AutoCloseable {

    private final LanguageModel model;
    private final Tokenizer tokenizer;
    private final String tokenizerFile;
    private final Set<Integer> endOfText;
    private final Optional<ChatTemplate> chat;

    private Subject(
            LanguageModel model,
            Tokenizer tokenizer,
            String tokenizerFile,
            Set<Integer> endOfText,
            Optional<ChatTemplate> chat) {
        this.chat = chat;
        this.model = model;
        this.tokenizer = tokenizer;
        this.tokenizerFile = tokenizerFile;
        this.endOfText = endOfText;
    }

    /// Opens a model that closes its files itself.
    ///
    /// @param folder a model folder with a tokenizer
    public static Subject open(Path folder, Precision precision) throws IOException {
        return of(LanguageModel.open(folder, precision), folder, false);
    }

    /// Opens a model whose files are open already.
    ///
    /// @param model             stays the caller's, who closes it after the subject
    /// @param resources         what it computes on, which is known to be there, and the memory it may take
    /// @param applyChatTemplate whether prompts are questions of a user, put as the model's chat template says
    /// @throws IOException when there is no such template, or no tokenizer
    public static Subject open(ReadableModel model, Precision precision, Resources resources, boolean applyChatTemplate)
            throws IOException {
        return of(LanguageModel.open(model, precision, resources), model.folder(), applyChatTemplate);
    }

    /// @param model  is closed with the subject, or when this fails
    /// @param folder holds the tokenizer and the configs
    private static Subject of(LanguageModel model, Path folder, boolean applyChatTemplate) throws IOException {
        try {
            Set<Integer> endOfText = endOfText(folder);
            Optional<ChatTemplate> chat = applyChatTemplate ? Optional.of(ChatTemplate.open(folder)) : Optional.empty();
            Tokenizer tokenizer = Tokenizer.open(folder);
            String file = Files.readString(folder.resolve("tokenizer.json"), StandardCharsets.ISO_8859_1);
            return new Subject(model, tokenizer, file, endOfText, chat);
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    LanguageModel model() {
        return model;
    }

    /// The most tokens that it reads at once: what the model was made for, since numbers beyond would tell nothing.
    int longest() {
        return Math.min(model.decoder().longestSequence(), model.decoder().context());
    }

    /// What the model reads of a prompt.
    int[] encode(String prompt) {
        return encode(prompt, "");
    }

    /// What it reads of a prompt and of an answer.
    int[] encode(String prompt, String answer) {
        if (chat.isEmpty()) {
            return tokenizer.encode(prompt + answer, true);
        }
        try {
            // The template has written the tokens that stand around a text.
            String asked = chat.get().render(List.of(new ChatTemplate.Message("user", prompt)));
            return tokenizer.encode(asked + answer, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What it reads of a text that nobody asks.
    int[] encodeText(String text) {
        return tokenizer.encode(text, true);
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /// What must be equal for two models to read the same ids.
    String reading() {
        return String.join(
                "\0",
                Integer.toString(longest()),
                chat.map(ChatTemplate::identity).orElse(""),
                tokenizerFile);
    }

    Set<Integer> endOfText() {
        return endOfText;
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }

    /// The ids that end a text: `eos_token_id` of the generation config, else of the config.
    private static Set<Integer> endOfText(Path folder) throws IOException {
        for (String name : List.of("generation_config.json", "config.json")) {
            Path file = folder.resolve(name);
            Optional<Node> eos = Files.exists(file) ? Json.read(file).find("eos_token_id") : Optional.empty();
            if (eos.isPresent()) {
                List<Node> ids = eos.get().isSequence() ? eos.get().sequence() : List.of(eos.get());
                Set<Integer> set = new HashSet<>();
                ids.forEach(id -> set.add(id.integer(0, Integer.MAX_VALUE)));
                return set;
            }
        }
        return Set.of();
    }
}
