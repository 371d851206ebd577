package org.lewis.vocabulary;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// The Jinja templates that make a prompt of a conversation: those that Lewis knows by name, and those of models.
public final class ChatTemplates {

    static final String FILE = "chat_template.jinja";
    static final String OLD_FILE = "chat_template.json";
    static final String KEY = "chat_template";

    /// `### Instruction:` and `### Response:`, as Stanford Alpaca was trained with.
    private static final String ALPACA = """
        {%- for message in messages -%}
            {%- if message['role'] == 'user' -%}
                {{- '### Instruction:\\n' + message['content'] + '\\n\\n' -}}
            {%- elif message['role'] == 'assistant' -%}
                {{- '### Response:\\n' + message['content'] + eos_token + '\\n\\n' -}}
            {%- else -%}
                {{- message['content'] + '\\n\\n' -}}
            {%- endif -%}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{- '### Response:\\n' -}}
        {%- endif -%}
        """;

    private static final String CHATML = """
        {%- for message in messages -%}
            {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{- '<|im_start|>assistant\\n' -}}
        {%- endif -%}
        """;

    /// Users' turns end with the line, all others with a token.
    private static final String EXAONE = """
        {%- if messages[0]['role'] != 'system' -%}
            {{- '[|system|][|endofturn|]\\n' -}}
        {%- endif -%}
        {%- for message in messages -%}
            {{- '[|' + message['role'] + '|]' + message['content'] -}}
            {{- '\\n' if message['role'] == 'user' else '[|endofturn|]\\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{- '[|assistant|]' -}}
        {%- endif -%}
        """;

    private static final String LLAMA3 = """
        {{- bos_token -}}
        {%- for message in messages -%}
            {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' -}}
            {{- message['content'] | trim + '<|eot_id|>' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {%- endif -%}
        """;

    /// Has no place for the system's words but the first question.
    private static final String MISTRAL = """
        {%- set system = '' -%}
        {%- set turns = messages -%}
        {%- if messages[0]['role'] == 'system' -%}
            {%- set system = messages[0]['content'] + '\\n\\n' -%}
            {%- set turns = messages[1:] -%}
        {%- endif -%}
        {{- bos_token -}}
        {%- for message in turns -%}
            {%- if message['role'] == 'user' -%}
                {{- '[INST] ' + (system if loop.first else '') + message['content'] + ' [/INST]' -}}
            {%- else -%}
                {{- ' ' + message['content'] + eos_token -}}
            {%- endif -%}
        {%- endfor -%}
        """;

    private static final Map<String, String> BUILT_IN = builtIn();

    private ChatTemplates() {}

    private static Map<String, String> builtIn() {
        Map<String, String> templates = new LinkedHashMap<>();
        templates.put("alpaca", ALPACA);
        templates.put("chatml", CHATML);
        templates.put("exaone", EXAONE);
        templates.put("llama3", LLAMA3);
        templates.put("mistral", MISTRAL);
        return templates;
    }

    /// Names of the templates that need no text.
    public static List<String> names() {
        return List.copyOf(BUILT_IN.keySet());
    }

    public static Optional<String> named(String name) {
        return Optional.ofNullable(BUILT_IN.get(name));
    }

    /// The template of a model folder, wherever its age put it.
    ///
    /// @throws org.lewis.document.DocumentException when the file that would hold it is damaged
    public static Optional<String> of(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            return Optional.of(Json.utf8(file.toString(), Files.readAllBytes(file)));
        }
        for (String older : List.of(OLD_FILE, VocabularyFiles.CONFIG)) {
            if (Files.exists(folder.resolve(older))) {
                Optional<String> template =
                        Json.read(folder.resolve(older)).find(KEY).flatMap(ChatTemplates::text);
                if (template.isPresent()) {
                    return template;
                }
            }
        }
        return Optional.empty();
    }

    /// A text, or a list of named ones of which the default counts.
    private static Optional<String> text(Node node) {
        if (node.isText()) {
            return Optional.of(node.text());
        }
        return node.sequence().stream()
                .filter(named -> named.get("name").text().equals("default"))
                .map(named -> named.get("template").text())
                .findFirst();
    }

    /// The template that most models have; of those that equally many have, the first.
    public static Optional<String> mostCommon(List<String> templates) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        templates.forEach(template -> counts.merge(template, 1, Integer::sum));
        Optional<String> best = Optional.empty();
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            if (best.isEmpty() || count.getValue() > counts.get(best.get())) {
                best = Optional.of(count.getKey());
            }
        }
        return best;
    }

    /// Puts a template where the folder it joins keeps its own.
    ///
    /// @param files of the folder by name, to be changed
    static void put(String template, Map<String, byte[]> files) {
        boolean own = files.containsKey(FILE) || !files.containsKey(VocabularyFiles.CONFIG);
        if (own) {
            files.put(FILE, template.getBytes(StandardCharsets.UTF_8));
        }
        files.computeIfPresent(OLD_FILE, (_, old) -> with(OLD_FILE, old, template));
        files.computeIfPresent(VocabularyFiles.CONFIG, (name, old) -> {
            boolean keeps = Json.parse(name, Json.utf8(name, old)).find(KEY).isPresent();
            return keeps || !own ? with(name, old, template) : old;
        });
    }

    @SuppressWarnings("unchecked")
    private static byte[] with(String name, byte[] json, String template) {
        Map<String, Object> members =
                (Map<String, Object>) Json.parse(name, Json.utf8(name, json)).plain();
        members.put(KEY, template);
        return Json.pretty(members).getBytes(StandardCharsets.UTF_8);
    }
}
