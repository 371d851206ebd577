package org.lewis.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerTest {

    /// Words apart at blanks, `<s>` before each text.
    private static final String WORDS = """
        {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
         "added_tokens": [{"id": 3, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                           "normalized": false, "special": true}],
         "pre_tokenizer": {"type": "Whitespace"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
           "special_tokens": {"<s>": {"id": "<s>", "ids": [3], "tokens": ["<s>"]}}},
         "decoder": null,
         "model": {"type": "WordLevel", "vocab": {"merge": 0, "models": 1, "?": 2}, "unk_token": "?"}}
        """;

    @TempDir
    Path folder;

    @Test
    void specialTokensAreAddedWhenAskedFor() throws IOException {
        try (Tokenizer tokenizer = open(WORDS)) {
            assertThat(tokenizer.encode("merge models", true)).containsExactly(3, 0, 1);
            assertThat(tokenizer.encode("merge models", false)).containsExactly(0, 1);
        }
    }

    @Test
    void decodingLeavesSpecialTokensOut() throws IOException {
        try (Tokenizer tokenizer = open(WORDS)) {
            assertThat(tokenizer.decode(new int[] {3, 0, 1})).isEqualTo("merge models");
        }
    }

    @Test
    void longTextsAreNotCut() throws IOException {
        try (Tokenizer tokenizer = open(WORDS)) {
            String text = String.join(" ", Collections.nCopies(5000, "merge"));
            assertThat(tokenizer.encode(text, true)).hasSize(5001);
        }
    }

    @Test
    void theVocabularyCountsAddedTokens() throws IOException {
        try (Tokenizer tokenizer = open(WORDS)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(4);
        }
    }

    @Test
    void aFolderWithoutTokenizerIsRefused() {
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("tokenizer.json")
                        + ": missing, so text cannot become tokens; copy that of the model's base there, or save an"
                        + " older tokenizer anew");
    }

    @Test
    void brokenJsonIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> open("{\"model\": "))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder.resolve("tokenizer.json") + ":1:");
    }

    @Test
    void whatTheLibraryCannotReadIsRefusedWithTheFile() {
        assertThatThrownBy(() -> open("{\"model\": {\"type\": \"Unheard\", \"vocab\": {\"a\": 0}}}"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder.resolve("tokenizer.json") + ": the tokenizers library cannot read it: ");
    }

    private Tokenizer open(String json) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), json);
        return Tokenizer.open(folder);
    }
}
