package org.lewis.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;

final class ChatTemplatesTest {

    @TempDir
    Path folder;

    @Test
    void theTemplateIsFoundWhereverItsAgePutIt() throws IOException {
        assertThat(ChatTemplates.of(folder)).isEmpty();
        write(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"no\"},"
                        + " {\"name\": \"default\", \"template\": \"{{ a }}\"}]}");
        assertThat(ChatTemplates.of(folder)).contains("{{ a }}");
        write("tokenizer_config.json", "{\"chat_template\": \"{{ b }}\"}");
        assertThat(ChatTemplates.of(folder)).contains("{{ b }}");
        write("chat_template.json", "{\"chat_template\": \"{{ c }}\"}");
        assertThat(ChatTemplates.of(folder)).contains("{{ c }}");
        write("chat_template.jinja", "{{ d }}\n");
        assertThat(ChatTemplates.of(folder)).contains("{{ d }}\n");
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": 5}");
        assertThatThrownBy(() -> ChatTemplates.of(folder))
                .isInstanceOf(DocumentException.class)
                .hasMessageEndingWith("tokenizer_config.json:1:19: chat_template: expected a list, found 5");
    }

    @Test
    void theMostCommonWinsAndOfEqualsTheFirst() {
        assertThat(ChatTemplates.mostCommon(List.of())).isEmpty();
        assertThat(ChatTemplates.mostCommon(List.of("a", "b", "b"))).contains("b");
        assertThat(ChatTemplates.mostCommon(List.of("a", "b", "b", "a", "c"))).contains("a");
    }

    @Test
    void aTemplateIsWrittenWhereTheFolderKeepsItsOwn() throws IOException {
        Optional<String> template = Optional.of("{{ new }}");
        assertThat(text(VocabularyFiles.of(folder, Optional.empty(), template), "chat_template.jinja"))
                .isEqualTo("{{ new }}");
        write("tokenizer_config.json", "{\"bos_token\": \"<s>\"}");
        Map<String, byte[]> files = VocabularyFiles.of(folder, Optional.empty(), template);
        assertThat(files).containsOnlyKeys("tokenizer_config.json");
        assertThat(Json.parse("t", text(files, "tokenizer_config.json")).plain())
                .isEqualTo(Map.of("bos_token", "<s>", "chat_template", "{{ new }}"));
        write("chat_template.jinja", "{{ old }}");
        files = VocabularyFiles.of(folder, Optional.empty(), template);
        assertThat(text(files, "chat_template.jinja")).isEqualTo("{{ new }}");
        assertThat(text(files, "tokenizer_config.json")).isEqualTo("{\"bos_token\": \"<s>\"}");
        write("tokenizer_config.json", "{\"chat_template\": \"{{ old }}\"}");
        files = VocabularyFiles.of(folder, Optional.empty(), template);
        assertThat(text(files, "tokenizer_config.json")).contains("{{ new }}");
    }

    @Test
    void theBuiltInTemplatesAreTheFive() {
        assertThat(ChatTemplates.names()).containsExactly("alpaca", "chatml", "exaone", "llama3", "mistral");
        assertThat(ChatTemplates.named("vicuna")).isEmpty();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static String text(Map<String, byte[]> files, String name) {
        return Json.utf8(name, files.get(name));
    }
}
