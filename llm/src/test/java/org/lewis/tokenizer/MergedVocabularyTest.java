package org.lewis.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.document.Json;
import org.lewis.engine.Merge;
import org.lewis.engine.TestModel;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// A bundled model that learned two tokens of a chat, merged with one that did not.
final class MergedVocabularyTest {

    private static final Path MODELS = Path.of("../examples/models");
    private static final String TEXT = "Question: What is 3 + 4?\nAnswer: 7";
    private static final String CHAT = "<|im_start|>What is 3 + 4?<|im_end|>";

    @TempDir
    Path folder;

    @Test
    void textOfBothModelsIsCutAsTheyCutItAndTheMergedModelRuns() throws IOException {
        write(folder.resolve("chat"));
        merge("plain", MODELS.resolve("math"), "");
        merge("union", folder.resolve("chat"), "tokenizer_source: union");
        try (Tokenizer base = Tokenizer.open(MODELS.resolve("base"));
                Tokenizer chat = Tokenizer.open(folder.resolve("chat"));
                Tokenizer union = Tokenizer.open(folder.resolve("union"))) {
            int[] ids = union.encode(TEXT, true);
            assertThat(ids).isEqualTo(base.encode(TEXT, true));
            assertThat(union.encode(CHAT, true))
                    .isEqualTo(chat.encode(CHAT, true))
                    .contains(1024, 1025);
            assertThat(union.decode(ids)).isEqualTo(TEXT);
            float[] plain = logits(folder.resolve("plain"), ids);
            float[] merged = logits(folder.resolve("union"), ids);
            // The rows of the old tokens are those of a merge without the new ones.
            for (int token = 0; token < ids.length; token++) {
                for (int id = 0; id < 1024; id++) {
                    assertThat(merged[token * 1026 + id]).isCloseTo(plain[token * 1024 + id], within(1e-4f));
                }
            }
        }
    }

    private static float[] logits(Path model, int[] ids) throws IOException {
        try (LanguageModel language = LanguageModel.open(model, Precision.FLOAT32);
                Arena arena = Arena.ofConfined()) {
            return language.logits(List.of(ids), arena).floats();
        }
    }

    /// The math model with two more tokens.
    private static void write(Path target) throws IOException {
        TestModel model = TestModel.empty();
        try (Checkpoint math = Checkpoint.open(MODELS.resolve("math"))) {
            for (Tensor tensor : math.tensors().values()) {
                byte[] bytes = tensor.bytes().toArray(ValueLayout.JAVA_BYTE);
                boolean isTable = tensor.name().equals("model.embed_tokens.weight");
                Shape shape = isTable ? Shape.of(1026, 192) : tensor.shape();
                model.add(
                        tensor.name(),
                        tensor.dtype(),
                        shape,
                        isTable ? java.util.Arrays.copyOf(bytes, 1026 * 192 * 2) : bytes);
            }
        }
        String config = Files.readString(MODELS.resolve("math/config.json"));
        String tokenizer = Files.readString(MODELS.resolve("math/tokenizer.json"));
        model.file("config.json", config.replace("\"vocab_size\": 1024", "\"vocab_size\": 1026"))
                .file("tokenizer.json", withTokens(tokenizer, "<|im_start|>", "<|im_end|>"))
                .write(target);
    }

    @SuppressWarnings("unchecked")
    private static String withTokens(String tokenizer, String... tokens) {
        Map<String, Object> root =
                (Map<String, Object>) Json.parse("tokenizer.json", tokenizer).plain();
        List<Object> added = (List<Object>) root.get("added_tokens");
        root.put(
                "added_tokens",
                Stream.concat(
                                added.stream(),
                                Stream.of(tokens)
                                        .map(token -> Map.of(
                                                "id", 1024L + List.of(tokens).indexOf(token),
                                                "content", token,
                                                "single_word", false,
                                                "lstrip", false,
                                                "rstrip", false,
                                                "normalized", false,
                                                "special", true)))
                        .toList());
        return Json.pretty(root);
    }

    private void merge(String name, Path other, String more) throws IOException {
        String recipe = """
            merge_method: task_arithmetic
            base_model: %s
            models: [{model: %s, parameters: {weight: 0.5}}, {model: %s, parameters: {weight: 0.5}}]
            %s
            """.formatted(MODELS.resolve("base"), other, MODELS.resolve("code"), more);
        Merge.run(Recipe.parse("recipe.yaml", recipe, folder), folder.resolve(name));
    }
}
