package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.plan.Plan;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.vocabulary.SmallTokenizers;
import org.lewis.vocabulary.Vocabulary;

/// Merges of models that know different tokens, checked row by row against the rule computed here.
final class VocabularyMergeTest {

    private static final int WIDTH = 5;
    private static final String SEA = "the sea and the ship and the wind on the sea shall see the ship";
    private static final String CODE = "def sort(list): return sorted(list) def short(list): return list";

    @TempDir
    Path folder;

    @Test
    void everyRowOfAUnionIsThatOfItsTokens() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 7);
        write("sea", SmallTokenizers.ofBytes(SEA, 20, "<s>", "<im>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20, "<s>", "<im>", "<code>"), 3);
        merge(average("union", "sea", "code"));
        Vocabulary union = vocabulary("out");
        assertThat(union.ids().keySet())
                .containsAll(vocabulary("base").ids().keySet())
                .containsAll(vocabulary("sea").ids().keySet())
                .containsAll(vocabulary("code").ids().keySet());
        for (String table : List.of("model.embed_tokens.weight", "lm_head.weight")) {
            Map<String, float[]> base = rows("base", table);
            Map<String, float[]> sea = rows("sea", table);
            Map<String, float[]> code = rows("code", table);
            Map<String, float[]> out = rows("out", table);
            for (String token : union.ids().keySet()) {
                List<float[]> owners = java.util.stream.Stream.of(base, sea, code)
                        .flatMap(model -> java.util.stream.Stream.ofNullable(model.get(token)))
                        .toList();
                float[] missing = owners.size() == 1 ? owners.getFirst() : base.getOrDefault(token, mean(owners));
                float[] expected = mean(List.of(sea.getOrDefault(token, missing), code.getOrDefault(token, missing)));
                assertThat(out.get(token)).as(token).containsExactly(expected, within(1e-6f));
            }
        }
    }

    @Test
    void tensorsWithoutTokensAreMergedAsEver() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20), 0);
        write("sea", SmallTokenizers.ofBytes(SEA, 22), 0);
        merge("merge_method: linear\nbase_model: base\ntokenizer_source: union\n"
                + "models: [{model: base, parameters: {weight: 1}}, {model: sea, parameters: {weight: 1}}]");
        assertThat(tensor("out", "model.norm.weight"))
                .containsExactly(
                        mean(List.of(tensor("base", "model.norm.weight"), tensor("sea", "model.norm.weight"))),
                        within(1e-6f));
    }

    @Test
    void modelsOfOneTokenizerMergeAsWithoutTheKey() throws IOException {
        String json = SmallTokenizers.ofBytes(SEA, 20, "<s>");
        for (String model : List.of("base", "sea", "code")) {
            write(model, json, 7);
        }
        Merge.run(
                recipe(average("union", "sea", "code").replace("tokenizer_source: union\n", "")),
                folder.resolve("plain"));
        for (String source : List.of("union", "base", "code")) {
            Merge.run(recipe(average(source, "sea", "code")), folder.resolve(source + "-out"));
            for (String file : List.of("model.safetensors", "tokenizer.json", "config.json")) {
                assertThat(folder.resolve(source + "-out").resolve(file))
                        .hasSameBinaryContentAs(folder.resolve("plain").resolve(file));
            }
        }
    }

    @Test
    void theTablesOfTheBaseKeepTheirSize() throws IOException {
        String json = SmallTokenizers.ofBytes(SEA, 20, "<s>");
        write("base", json, 7);
        write("sea", json, 0);
        merge(average("base", "base", "sea"));
        float[] base = tensor("base", "model.embed_tokens.weight");
        float[] sea = tensor("sea", "model.embed_tokens.weight");
        float[] out = tensor("out", "model.embed_tokens.weight");
        assertThat(out).hasSameSizeAs(base);
        // The paddings that only the base has.
        assertThat(Arrays.copyOfRange(out, sea.length, out.length))
                .containsExactly(Arrays.copyOfRange(base, sea.length, base.length));
        assertThat(config("out").get("vocab_size").integer()).isEqualTo(base.length / WIDTH);
    }

    @Test
    void aTokenizerWithMoreTokensThanTheTableHasRowsGrowsTheTable() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), -2);
        write("sea", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        Report report = merge(average("base", "base", "sea"));
        int tokens = vocabulary("base").size();
        assertThat(tensor("out", "lm_head.weight")).hasSize(tokens * WIDTH);
        assertThat(rows("out", "lm_head.weight").get("<s>"))
                .containsExactly(rows("sea", "lm_head.weight").get("<s>"));
        assertThat(report.notes())
                .containsExactly("base: its tables of " + (tokens - 2)
                        + " rows have none for 2 of its tokens, such as \"" + token("base", tokens - 2) + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"karcher", "multislerp", "sce", "ties", "dare_ties", "della", "model_stock", "linear"})
    void everyMethodMergesTablesOfDifferentSizes(String method) throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 7);
        write("sea", SmallTokenizers.ofBytes(SEA, 22, "<s>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20, "<s>"), 40);
        String recipe = "merge_method: " + method + "\nbase_model: base\nmodels: [{model: sea}, {model: code}]\n"
                + "parameters: {weight: 0.5, density: 0.6}\n";
        merge(recipe + "tokenizer_source: union");
        assertThat(tensor("out", "lm_head.weight")).hasSize(vocabulary("out").size() * WIDTH);
        assertThatThrownBy(() -> Merge.run(recipe(recipe), folder.resolve("refused")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("lm_head.weight: shapes differ: ")
                .hasMessageEndingWith("add `tokenizer_source: union` or `base` to give all models one vocabulary");
    }

    @Test
    void aModelGivesItsTokenizerAndTheIdsThatBelongToIt() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>", "</s>", "<pad>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 30, "</s>", "<s>"), 0);
        int baseTokens = vocabulary("base").size();
        Files.writeString(
                folder.resolve("base/config.json"),
                "{\"vocab_size\": %d, \"bos_token_id\": %d, \"eos_token_id\": [%d], \"pad_token_id\": %d}"
                        .formatted(baseTokens, baseTokens - 3, baseTokens - 2, baseTokens - 1));
        Files.writeString(
                folder.resolve("base/generation_config.json"),
                "{\"temperature\": 0.5, \"eos_token_id\": %d}".formatted(baseTokens - 2));
        merge(average("code", "base", "code"));
        Map<String, Integer> ids = vocabulary("code").ids();
        assertThat(folder.resolve("out/tokenizer.json")).hasSameBinaryContentAs(folder.resolve("code/tokenizer.json"));
        Node config = config("out");
        assertThat(config.get("vocab_size").integer()).isEqualTo(ids.size());
        assertThat(config.get("bos_token_id").integer()).isEqualTo((long) ids.get("<s>"));
        assertThat(config.get("eos_token_id").sequence())
                .singleElement()
                .satisfies(id -> assertThat(id.integer()).isEqualTo((long) ids.get("</s>")));
        assertThat(config.find("pad_token_id")).isEmpty();
        Node generation = Json.read(folder.resolve("out/generation_config.json"));
        assertThat(generation.get("eos_token_id").integer()).isEqualTo((long) ids.get("</s>"));
        assertThat(generation.get("temperature").number()).isEqualTo(0.5);
    }

    @Test
    void rowsOfSingleTokensCanBeSet() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>", "<a>", "<b>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20, "<s>", "<im>"), 0);
        merge("""
            merge_method: linear
            models: [{model: base, parameters: {weight: 1}}, {model: code, parameters: {weight: 1}}]
            tokenizer:
              source: union
              pad_to_multiple_of: 64
              tokens:
                <s>: {source: code, force: true}
                <a>: {source: {kind: model_token, model: code, token: <im>}}
                <b>: {source: {kind: zero}}
                <im>: {source: {kind: model_token, model: base, token_id: 3}, force: true}
            """);
        String table = "model.embed_tokens.weight";
        Map<String, float[]> base = rows("base", table);
        Map<String, float[]> code = rows("code", table);
        Map<String, float[]> out = rows("out", table);
        assertThat(out.get("<s>")).containsExactly(code.get("<s>"));
        assertThat(out.get("<a>")).containsExactly(mean(List.of(base.get("<a>"), code.get("<im>"))), within(1e-6f));
        assertThat(out.get("<b>")).containsExactly(mean(List.of(base.get("<b>"), new float[WIDTH])), within(1e-6f));
        assertThat(out.get("<im>")).containsExactly(Arrays.copyOfRange(tensor("base", table), 3 * WIDTH, 4 * WIDTH));
        int rows = tensor("out", table).length / WIDTH;
        assertThat(rows).isEqualTo((vocabulary("out").size() + 63) / 64 * 64);
        assertThat(config("out").get("vocab_size").integer()).isEqualTo(rows);
    }

    @Test
    void slicesMergeOnOneVocabulary() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20, "<s>", "<im>"), 0);
        merge("""
            merge_method: passthrough
            slices:
              - sources: [{model: base, layer_range: [0, 1]}]
              - sources: [{model: code, layer_range: [0, 2]}]
            tokenizer_source: union
            """);
        String table = "model.embed_tokens.weight";
        assertThat(rows("out", table).get("<s>"))
                .containsExactly(rows("base", table).get("<s>"));
        assertThat(rows("out", table).get("<im>"))
                .containsExactly(rows("code", table).get("<im>"));
        assertThat(rows("out", "lm_head.weight").get("<s>"))
                .containsExactly(rows("code", "lm_head.weight").get("<s>"));
    }

    @Test
    void stagesPassTheirVocabularyOn() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("sea", SmallTokenizers.ofBytes(SEA, 20, "<s>", "<im>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20, "<s>", "<code>"), 2);
        merge(average("union", "base", "sea").replace("base_model: base\n", "name: both\n") + "---\n"
                + average("union", "both", "code").replace("base_model: base", "base_model: both"));
        String table = "model.embed_tokens.weight";
        float[] first =
                mean(List.of(rows("base", table).get("<s>"), rows("sea", table).get("<s>")));
        assertThat(rows("out", table).get("<s>"))
                .containsExactly(mean(List.of(first, rows("code", table).get("<s>"))), within(1e-6f));
        assertThat(rows("out", table).get("<im>"))
                .containsExactly(rows("sea", table).get("<im>"));
        assertThat(rows("out", table).get("<code>"))
                .containsExactly(rows("code", table).get("<code>"));
    }

    @Test
    void anyNumberOfThreadsWritesTheSameBytes() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20, "<s>", "<im>"), 0);
        for (int threads : List.of(1, 3)) {
            Merge.run(
                    recipe(average("union", "base", "code")),
                    folder.resolve("out" + threads),
                    Plan.DEFAULT_SEED,
                    Options.standard().withThreads(threads),
                    Progress.NONE);
        }
        assertThat(TestModel.contents(folder.resolve("out1"))).isEqualTo(TestModel.contents(folder.resolve("out3")));
    }

    @Test
    void manifestAndCardSpeakOfTheVocabulary() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("code", SmallTokenizers.ofBytes(SEA, 20, "<s>", "<im>"), 0);
        merge(average("union", "base", "code"));
        int tokens = vocabulary("out").size();
        Node manifest = Json.read(folder.resolve("out/lewis-manifest.json"));
        assertThat(manifest.get("vocabulary").get("rows").integer()).isEqualTo(tokens);
        assertThat(manifest.get("vocabulary").get("tokens").integer()).isEqualTo(tokens);
        assertThat(manifest.get("resolved")
                        .get("lm_head.weight")
                        .get("rows_sha256")
                        .sequence())
                .hasSize(1);
        assertThat(folder.resolve("out/README.md"))
                .content()
                .contains("- code\n\nThe models were brought to one vocabulary of " + tokens + " rows.\n\nThe recipe,");
    }

    @Test
    void filesThatHoldTheOldVocabularyAreLeftOut() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("code", SmallTokenizers.ofBytes(SEA, 20, "<s>", "<im>"), 0);
        Files.writeString(folder.resolve("base/vocab.json"), "{}");
        Files.writeString(folder.resolve("base/merges.txt"), "");
        Files.writeString(folder.resolve("base/added_tokens.json"), "{\"<s>\": 1}");
        Files.writeString(folder.resolve("base/special_tokens_map.json"), "{\"bos_token\": \"<s>\"}");
        Files.writeString(folder.resolve("base/tokenizer_config.json"), "{\"added_tokens_decoder\": {}, \"x\": 1}");
        Report report = merge(average("union", "base", "code"));
        int id = vocabulary("base").size();
        assertThat(report.notes())
                .containsExactly("vocab.json, merges.txt: left out, since only tokenizer.json has the new vocabulary");
        assertThat(Json.read(folder.resolve("out/added_tokens.json")).plain())
                .isEqualTo(Map.of("<s>", (long) id - 1, "<im>", (long) id));
        Node config = Json.read(folder.resolve("out/tokenizer_config.json"));
        assertThat(config.get("added_tokens_decoder").mapping()).containsOnlyKeys(id - 1 + "", id + "");
        assertThat(config.get("added_tokens_decoder")
                        .get(id + "")
                        .get("content")
                        .text())
                .isEqualTo("<im>");
        assertThat(folder.resolve("out/special_tokens_map.json")).exists();
        assertThat(folder.resolve("out/vocab.json")).doesNotExist();
    }

    @Test
    void wrongNamesAreRefusedWithTheirPlace() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20, "<s>", "<im>"), 0);
        int rows = vocabulary("code").size();
        assertThatThrownBy(() -> merge(average("coda", "base", "code")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("coda: no such model folder")
                .hasMessageEndingWith("; no model of the recipe has that name, either; did you mean \"code\"?");
        refused(
                "tokenizer: {source: base, tokens: {<s>: {source: other}}}",
                "other is none of the models of this recipe; known: base, code");
        refused(
                "tokenizer: {tokens: {<sea>: {source: base}}}",
                "base has no row for a token \"<sea>\"; did you mean \"<s>\"?");
        refused("tokenizer: {tokens: {<im>: {source: base}}}", "base has no row for a token \"<im>\"");
        refused(
                "tokenizer: {tokens: {<s>: {source: {kind: model_token, model: code, token_id: " + rows + "}}}}",
                "code has no row " + rows + "; its tables have " + rows + " rows");
    }

    private void refused(String line, String message) {
        String recipe = average("union", "base", "code").replace("tokenizer_source: union", line);
        assertThatThrownBy(() -> Merge.run(recipe(recipe), folder.resolve("refused")))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith("recipe.yaml:")
                .message()
                .contains(message);
    }

    @Test
    void tokenizersOfDifferentKindsAreRefused() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20), 0);
        write("code", SmallTokenizers.ofCharacters(CODE, 20), 0);
        assertThatThrownBy(() -> merge(average("union", "base", "code")))
                .isInstanceOf(DocumentException.class)
                .hasMessage("recipe.yaml:3:19: tokenizer_source: the tokenizers of base and code have no union: one is"
                        + " BPE over bytes, the other BPE over characters; take one of them, `tokenizer_source: base`"
                        + " or a model");
    }

    @Test
    void missingAndDamagedTokenizersAreRefused() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20), 0);
        write("code", "{\"model\": 3}", 0);
        assertThatThrownBy(() -> merge(average("union", "base", "code")))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(folder.resolve("code/tokenizer.json") + ":1:11: model: expected a mapping, found 3");
        Files.delete(folder.resolve("code/tokenizer.json"));
        assertThatThrownBy(() -> merge(average("union", "base", "code")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("code: has no tokenizer.json, which recipe.yaml:3:19");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aModelWithoutTokenizerHasThatOfTheBaseWhenItsTablesAreAsLarge() throws IOException {
        for (String model : List.of("base", "code")) {
            write(model, SmallTokenizers.ofBytes(SEA, 20), 0);
        }
        write("chat", SmallTokenizers.ofBytes(SEA, 20, "<im>"), 0);
        Files.delete(folder.resolve("code/tokenizer.json"));
        Report report = merge(average("union", "code", "chat"));
        assertThat(report.notes()).containsExactly("code: has no tokenizer, and is taken to have that of base");
        Map<String, float[]> chat = rows("chat", "lm_head.weight");
        float[] code = tensor("code", "lm_head.weight");
        Map<String, float[]> out = rows("out", "lm_head.weight");
        vocabulary("base")
                .ids()
                .forEach((token, id) -> assertThat(out.get(token))
                        .containsExactly(
                                mean(List.of(Arrays.copyOfRange(code, id * WIDTH, (id + 1) * WIDTH), chat.get(token))),
                                within(1e-6f)));
        assertThat(out.get("<im>")).containsExactly(chat.get("<im>"));
        assertThatThrownBy(() -> Merge.run(recipe(average("code", "base", "code")), folder.resolve("refused")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("code: has no tokenizer.json, which recipe.yaml:3:19");
    }

    @Test
    void theTokenizerMayBeThatOfAModelThatIsNotMerged() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("code", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("chat", SmallTokenizers.ofBytes(SEA, 20, "<im>", "<s>"), 3);
        Report report = merge(average("chat", "base", "code"));
        String table = "lm_head.weight";
        assertThat(vocabulary("out")).isEqualTo(vocabulary("chat"));
        assertThat(tensor("out", table)).hasSameSizeAs(tensor("chat", table));
        for (String token : vocabulary("base").ids().keySet()) {
            assertThat(rows("out", table).get(token))
                    .containsExactly(
                            mean(List.of(
                                    rows("base", table).get(token),
                                    rows("code", table).get(token))),
                            within(1e-6f));
        }
        assertThat(rows("out", table).get("<im>")).containsOnly(0);
        assertThat(report.notes())
                .containsExactly("recipe.yaml:3:19: tokenizer_source: no model has rows for 1 of the tokens, such as"
                        + " \"<im>\"; they are zeros");
        assertThat(Json.read(folder.resolve("out/lewis-manifest.json"))
                        .get("inputs")
                        .sequence())
                .hasSize(3);
    }

    @Test
    void tokensThatTheRecipeSetsAreAddedWhereTheVocabularyLacksThem() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20, "<s>"), 0);
        write("chat", SmallTokenizers.ofBytes(SEA, 20, "<s>", "<im>"), 0);
        Report report = merge(average("base", "base", "chat").replace("tokenizer_source: base", """
            tokenizer:
              source: base
              tokens:
                <im>: {source: chat}
                <new>: {source: {kind: model_token, model: base, token: <s>}}\
            """));
        int size = vocabulary("base").size();
        Map<String, Integer> expected = new HashMap<>(vocabulary("base").ids());
        expected.put("<im>", size);
        expected.put("<new>", size + 1);
        assertThat(vocabulary("out").ids()).isEqualTo(expected);
        String table = "lm_head.weight";
        assertThat(rows("out", table).get("<im>"))
                .containsExactly(rows("chat", table).get("<im>"));
        assertThat(rows("out", table).get("<new>"))
                .containsExactly(rows("base", table).get("<s>"));
        assertThat(report.notes())
                .containsExactly("recipe.yaml:7:12: tokenizer.tokens.<new>: no model knows the token \"<new>\", which"
                        + " is new");
    }

    @Test
    void tablesThatOnlySomeModelsHaveCannotFollow() throws IOException {
        write("code", SmallTokenizers.ofBytes(SEA, 20, "<im>"), 0);
        String json = SmallTokenizers.ofBytes(SEA, 20);
        int rows = vocabulary("code").size() - 1;
        model(rows, "base")
                .add("lm_head.bias", Dtype.F32, Shape.of(rows), new float[rows])
                .file("tokenizer.json", json)
                .write(folder.resolve("base"));
        assertThatThrownBy(() -> merge(average("union", "base", "code") + "missing_tensors: keep"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("lm_head.bias: is not in all models, so that its rows cannot follow");
        merge(average("union", "base", "code") + "missing_tensors: drop");
        assertThat(rows("out", "model.embed_tokens.weight").get("<im>"))
                .containsExactly(rows("code", "model.embed_tokens.weight").get("<im>"));
    }

    @Test
    void tablesOfUnknownNamesAreRefused() throws IOException {
        write("base", SmallTokenizers.ofBytes(SEA, 20), 0);
        write("code", SmallTokenizers.ofBytes(CODE, 20), 0);
        for (String model : List.of("base", "code")) {
            int rows = vocabulary(model).size();
            Files.delete(folder.resolve(model).resolve("model.safetensors"));
            TestModel with =
                    model(rows, model).add("classifier.weight", Dtype.F32, Shape.of(rows, 2), new float[rows * 2]);
            Path other = with.write(folder.resolve(model + "-other"));
            Files.copy(other.resolve("model.safetensors"), folder.resolve(model).resolve("model.safetensors"));
        }
        assertThatThrownBy(() -> merge(average("union", "base", "code")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageMatching(
                        "base: classifier.weight \\[\\d+, 2] seems to have a row for each token, but its name"
                                + " is not known as that of such a table");
    }

    private static String average(String source, String one, String other) {
        return "merge_method: linear\nbase_model: base\ntokenizer_source: " + source + "\nmodels: [{model: " + one
                + ", parameters: {weight: 1}}, {model: " + other + ", parameters: {weight: 1}}]\n";
    }

    private Report merge(String yaml) throws IOException {
        return Merge.run(recipe(yaml), folder.resolve("out"));
    }

    private Recipe recipe(String yaml) {
        return Recipe.parse("recipe.yaml", yaml, folder);
    }

    /// @param more rows than the tokenizer has tokens
    private void write(String model, String tokenizer, int more) throws IOException {
        Path file = folder.resolve(model + ".json");
        Files.writeString(file, tokenizer);
        int rows = tokenizer.contains("vocab") ? Vocabulary.read(file).size() + more : 300;
        model(rows, model)
                .file("tokenizer.json", tokenizer)
                .file("config.json", "{\"model_type\": \"test\", \"vocab_size\": " + rows + "}")
                .write(folder.resolve(model));
    }

    private static TestModel model(int rows, String name) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        TestModel model = TestModel.empty();
        for (String table : List.of("model.embed_tokens.weight", "lm_head.weight")) {
            model.add(table, Dtype.F32, Shape.of(rows, WIDTH), TestModel.noise(random, rows * WIDTH));
        }
        for (int layer = 0; layer < 2; layer++) {
            String tensor = "model.layers." + layer + ".mlp.up_proj.weight";
            model.add(tensor, Dtype.F32, Shape.of(4, WIDTH), TestModel.noise(random, 4 * WIDTH));
        }
        return model.add("model.norm.weight", Dtype.F32, Shape.of(WIDTH), TestModel.noise(random, WIDTH));
    }

    private Vocabulary vocabulary(String model) throws IOException {
        return Vocabulary.read(folder.resolve(model).resolve("tokenizer.json"));
    }

    private String token(String model, int id) throws IOException {
        return vocabulary(model).ids().entrySet().stream()
                .filter(token -> token.getValue() == id)
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private Node config(String model) throws IOException {
        return Json.read(folder.resolve(model).resolve("config.json"));
    }

    private float[] tensor(String model, String name) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(model))) {
            return checkpoint.tensor(name).floats();
        }
    }

    /// The row of each token that has one.
    private Map<String, float[]> rows(String model, String table) throws IOException {
        float[] values = tensor(model, table);
        Map<String, float[]> rows = new HashMap<>();
        vocabulary(model).ids().forEach((token, id) -> {
            if (id * WIDTH < values.length) {
                rows.put(token, Arrays.copyOfRange(values, id * WIDTH, (id + 1) * WIDTH));
            }
        });
        return rows;
    }

    private static float[] mean(List<float[]> rows) {
        float[] mean = new float[rows.getFirst().length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] row : rows) {
                sum += row[i];
            }
            mean[i] = (float) (sum / rows.size());
        }
        return mean;
    }
}
