package org.lewis.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.vocabulary.ChatTemplates;

class ChatTemplateTest {

    private static final List<ChatTemplate.Message> QUESTION =
            List.of(new ChatTemplate.Message("system", "Be brief."), new ChatTemplate.Message("user", " Hi "));

    private static final List<ChatTemplate.Message> CONVERSATION = List.of(
            new ChatTemplate.Message("user", "A"),
            new ChatTemplate.Message("assistant", "B"),
            new ChatTemplate.Message("user", "C {{ 7 }}"));

    private final List<String> asserted = new ArrayList<>();

    @TempDir
    Path folder;

    private ChatTemplate template(String source) throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), source);
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\", \"lstrip\": false}}");
        return ChatTemplate.open(folder);
    }

    /// All that recipes know by name, with words for the system and without.
    @Test
    void conversationsArePutAsTheModelWasTaught() throws IOException {
        assertRendered(
                "alpaca",
                "Be brief.\n\n### Instruction:\n Hi \n\n### Response:\n",
                "### Instruction:\nA\n\n### Response:\nB</s>\n\n### Instruction:\nC {{ 7 }}\n\n### Response:\n");
        assertRendered(
                "chatml",
                "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\n",
                "<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\nB<|im_end|>\n"
                        + "<|im_start|>user\nC {{ 7 }}<|im_end|>\n<|im_start|>assistant\n");
        assertRendered(
                "exaone",
                "[|system|]Be brief.[|endofturn|]\n[|user|] Hi \n[|assistant|]",
                "[|system|][|endofturn|]\n[|user|]A\n[|assistant|]B[|endofturn|]\n[|user|]C {{ 7 }}\n[|assistant|]");
        assertRendered(
                "llama3",
                "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n",
                "<s><|start_header_id|>user<|end_header_id|>\n\nA<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\nB<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\n\nC {{ 7 }}<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n");
        assertRendered(
                "mistral", "<s>[INST] Be brief.\n\n Hi  [/INST]", "<s>[INST] A [/INST] B</s>[INST] C {{ 7 }} [/INST]");
        assertThat(asserted).containsExactlyElementsOf(ChatTemplates.names());
    }

    private void assertRendered(String name, String question, String conversation) throws IOException {
        ChatTemplate template = template(ChatTemplates.named(name).orElseThrow());
        assertThat(template.render(QUESTION)).as(name).isEqualTo(question);
        assertThat(template.render(CONVERSATION)).as(name).isEqualTo(conversation);
        asserted.add(name);
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
