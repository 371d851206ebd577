package org.lewis.vocabulary;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Json;

/// The files of a model folder that speak of tokens.
public final class VocabularyFiles {

    /// The tokenizer as the tokenizers library reads it.
    public static final String TOKENIZER = "tokenizer.json";

    static final String CONFIG = "tokenizer_config.json";

    /// Other forms of the vocabulary, which only fit the tokenizer that they came with.
    private static final List<String> OTHER_FORMS = List.of("tokenizer.model", "vocab.json", "vocab.txt", "merges.txt");

    private static final List<String> ALL = List.of(
            TOKENIZER,
            CONFIG,
            "special_tokens_map.json",
            "added_tokens.json",
            "tokenizer.model",
            "vocab.json",
            "vocab.txt",
            "merges.txt",
            ChatTemplates.FILE,
            ChatTemplates.OLD_FILE);

    private VocabularyFiles() {}

    /// The files that a folder has, and with a changed vocabulary those of them that can follow it.
    ///
    /// @param changed  empty when the folder's own tokenizer stays
    /// @param template a chat template in place of the folder's own
    public static Map<String, byte[]> of(Path folder, Optional<Vocabulary> changed, Optional<String> template)
            throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String name : ALL) {
            boolean isReplaced = changed.isPresent() && (name.equals(TOKENIZER) || OTHER_FORMS.contains(name));
            if (!isReplaced && Files.isRegularFile(folder.resolve(name))) {
                files.put(name, Files.readAllBytes(folder.resolve(name)));
            }
        }
        if (changed.isPresent()) {
            change(files, changed.get());
        }
        template.ifPresent(text -> ChatTemplates.put(text, files));
        return files;
    }

    /// Whether a file of that name is among those that speak of tokens.
    public static boolean isOne(String file) {
        return ALL.contains(file);
    }

    /// Whether a folder has a tokenizer in any form.
    public static boolean hasTokenizer(Path folder) {
        return Files.isRegularFile(folder.resolve(TOKENIZER))
                || !leftOut(folder).isEmpty();
    }

    /// The files of a folder that cannot follow a changed vocabulary.
    public static List<String> leftOut(Path folder) {
        return OTHER_FORMS.stream()
                .filter(name -> Files.isRegularFile(folder.resolve(name)))
                .toList();
    }

    private static void change(Map<String, byte[]> files, Vocabulary vocabulary) throws IOException {
        files.put(TOKENIZER, tokenizer(vocabulary));
        files.computeIfPresent(CONFIG, (_, old) -> {
            Map<String, Object> members = members(CONFIG, old);
            if (members.containsKey("added_tokens_decoder")) {
                members.put("added_tokens_decoder", decoder(vocabulary));
            }
            return bytes(members);
        });
        files.computeIfPresent("added_tokens.json", (_, _) -> {
            Map<String, Object> ids = new LinkedHashMap<>();
            vocabulary.added().forEach(token -> ids.put(token.content(), (long) token.id()));
            return bytes(ids);
        });
    }

    private static byte[] tokenizer(Vocabulary vocabulary) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        vocabulary.write(file);
        return file.toByteArray();
    }

    /// Definitions of the added tokens by their ids.
    private static Map<String, Object> decoder(Vocabulary vocabulary) {
        Map<String, Object> decoder = new LinkedHashMap<>();
        for (AddedToken token : vocabulary.added()) {
            Map<String, Object> definition = new LinkedHashMap<>(token.definition());
            definition.remove("id");
            decoder.put(Integer.toString(token.id()), definition);
        }
        return decoder;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> members(String name, byte[] json) {
        return (Map<String, Object>) Json.parse(name, Json.utf8(name, json)).plain();
    }

    private static byte[] bytes(Map<String, Object> members) {
        return Json.pretty(members).getBytes(StandardCharsets.UTF_8);
    }
}
