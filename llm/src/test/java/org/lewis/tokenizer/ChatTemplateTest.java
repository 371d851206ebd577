package org.lewis.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.vocabulary.ChatTemplates;

class ChatTemplateTest {

    private static final List<ChatTemplate.Message> QUESTION =
            List.of(new ChatTemplate.Message("system", "Be brief."), new ChatTemplate.Message("user", " Hi "));

    @TempDir
    Path folder;

    private ChatTemplate template(String source) throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), source);
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\", \"lstrip\": false}}");
        return ChatTemplate.open(folder);
    }

    @Test
    void questionsArePutAsTheModelWasTaught() throws IOException {
        assertThat(template(ChatTemplates.named("chatml").orElseThrow()).render(QUESTION))
                .isEqualTo("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n"
                        + "<|im_start|>assistant\n");
        assertThat(template(ChatTemplates.named("llama3").orElseThrow()).render(QUESTION))
                .isEqualTo("<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n");
        assertThat(template(ChatTemplates.named("mistral").orElseThrow()).render(QUESTION))
                .isEqualTo("<s>[INST] Be brief.\n\n Hi  [/INST]");
    }

    @Test
    void theDateIsAlwaysTheSame() throws IOException {
        assertThat(template("{{ strftime_now('%d %b %Y') }}{{ eos_token }}").render(QUESTION))
                .isEqualTo("26 Jul 2024</s>");
    }

    @Test
    void whatCannotBeRenderedIsRefused() throws IOException {
        assertThatThrownBy(() -> ChatTemplate.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessage(folder + ": has no chat template; only instruct models have one");
        assertThatThrownBy(() -> template("{% if %}"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder + ": the chat template cannot be read: line 1: ");
        assertThatThrownBy(() -> template("{{ raise_exception('no system') }}").render(QUESTION))
                .isInstanceOf(IOException.class)
                .hasMessage("the chat template refuses the prompt: no system");
    }
}
