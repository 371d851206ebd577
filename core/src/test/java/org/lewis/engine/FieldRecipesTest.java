package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.recipe.Recipe;

/// Recipes of the shapes that users of mergekit write, down to the tensors that come out of them.
class FieldRecipesTest {

    private static final String UP = "model.layers.%d.mlp.up_proj.weight";
    private static final String QUERY = "model.layers.%d.self_attn.q_proj.weight";

    @TempDir
    Path folder;

    @BeforeEach
    void writeModels() throws IOException {
        List<String> models = List.of("base", "math", "code");
        for (String model : models) {
            TestModel.random(1 + models.indexOf(model))
                    .file("config.json", "{\"model_type\": \"test\", \"num_hidden_layers\": 2}")
                    .write(folder.resolve(model));
        }
    }

    /// A shape, a recipe of it, what is noted, and tensors of the output with those that they must equal: those of
    /// a model, or 0.
    static Stream<Arguments> shapes() {
        return Stream.of(
                shape(
                        "the base alone, as recipes for adapters have it",
                        "{merge_method: task_arithmetic, base_model: base, models: [{model: base}], parameters:"
                                + " {weight: 1}}",
                        "r.yaml:1:59: models: task_arithmetic has nothing to merge base with; it is taken as it is",
                        same("base")),
                shape("the base alone, as the sources of a slice", """
                    {merge_method: ties, base_model: base, parameters: {weight: 1}, slices: [
                      {sources: [{model: base, layer_range: [1, 2]}]},
                      {sources: [{model: math, layer_range: [1, 2]}, {model: base, layer_range: [1, 2]}]}]}\
                    """, "", layer(0, "base", 1) + layer(1, "math", 1)),
                shape(
                        "slices of one model among those of two",
                        """
                        {merge_method: slerp, base_model: base, parameters: {t: 0}, slices: [
                          {sources: [{model: math, layer_range: [0, 1]}]},
                          {sources: [{model: base, layer_range: [0, 1]}, {model: code, layer_range: [1, 2]}]},
                          {sources: [{model: code, layer_range: [0, 2]}]}]}\
                        """,
                        "",
                        layer(0, "math", 0) + layer(1, "base", 0) + layer(2, "code", 0) + layer(3, "code", 1)),
                shape(
                        "a layer that starts as nothing",
                        """
                        {merge_method: passthrough, slices: [
                          {sources: [{model: math, layer_range: [0, 1]}]},
                          {sources: [{model: math, layer_range: [0, 1],
                                      parameters: {scale: [{filter: up_proj, value: 0.0}, {value: 1.0}]}}]},
                          {sources: [{model: math, layer_range: [1, 2]}]}]}\
                        """,
                        "",
                        UP.formatted(1) + " = 0\n" + QUERY.formatted(1) + " = math " + QUERY.formatted(0)),
                shape(
                        "embeddings and head from a model that shares a slice by weight 0",
                        """
                        merge_method: linear
                        parameters: {weight: 1.0}
                        slices:
                          - sources:
                              - {model: code, layer_range: [0, 1], parameters: {weight: 0}}
                              - {model: math, layer_range: [0, 1]}
                          - sources: [{model: code, layer_range: [0, 2]}]
                        tokenizer_source: model:math # as versions before 0.0.5 named it\
                        """,
                        "",
                        layer(0, "math", 0) + layer(1, "code", 0) + "model.embed_tokens.weight = math"),
                shape("filters that name a layer by its number in the model", """
                    merge_method: linear
                    slices:
                      - sources:
                          - {model: math, layer_range: [1, 2], parameters: {weight: {filter: layers.1., value: 0}}}
                          - {model: code, layer_range: [0, 1], parameters: {weight: {filter: layers.0., value: 1}}}
                    parameters: {weight: 0.5}\
                    """, "", layer(0, "code", 0)),
                shape("flags of YAML 1.1, numbers in quotes, keys without values", """
                    merge_method: ties
                    base_model: base
                    models: [{model: math, parameters: {weight: "1.0", density: '1'}}, {model: code, parameters: }]
                    parameters: {normalize: yes, int8_mask: on, rescale: "false", weight: "0"}
                    chat_template:
                    slices: ~\
                    """, "", same("math")),
                shape(
                        "anchors under a key of their own, and seeds",
                        """
                        x-common: &common {weight: 1, density: 1.0}
                        models: [{model: math, parameters: {<<: *common, weight: 0}}, {model: code, parameters: *common}]
                        merge_method: dare_ties
                        base_model: base
                        random_seed: 0\
                        """,
                        "r.yaml:5:1: random_seed: has no effect; the seed of random masks is the option `--seed`",
                        same("code")),
                shape("what the hosted mergekit writes", """
                    base_model: base
                    merge_method: della_linear
                    modules:
                      default:
                        slices:
                        - sources:
                          - layer_range: [0, 2]
                            model: math
                            parameters: {density: 1.0, epsilon: 0.4, weight: [1.0, 1.0, 1.0]}
                          - layer_range: [0, 2]
                            model: base
                    parameters: {lambda: 1.0, normalize: 1.0, int8_mask: 1.0}
                    tokenizer: {}\
                    """, "", same("math")),
                shape(
                        "parameters that other versions and tools of mergekit know",
                        """
                        {merge_method: slerp, base_model: math, models: [{model: math}, {model: code}],
                         parameters: {t: 0, embed_slerp: true, smooth: false}}\
                        """,
                        "r.yaml:2:34: parameters.embed_slerp: has no effect on slerp\n"
                                + "r.yaml:2:48: parameters.smooth: has no effect on slerp",
                        same("math")),
                shape(
                        "a model listed twice",
                        """
                        {merge_method: linear, models: [{model: math, parameters: {weight: 1}},
                                                        {model: math, parameters: {weight: 3}}]}\
                        """,
                        "r.yaml:2:33: models[1]: math is listed before, and counts as one more model; mergekit leaves"
                                + " it out",
                        same("math")),
                shape(
                        "a base that only gives config and tokenizer",
                        "{merge_method: linear, base_model: base, models: [{model: math}], parameters: {weight: 1}}",
                        "r.yaml:1:50: models: the base base is not listed, so that linear does not merge it; mergekit"
                                + " would, with the recipe's own weight",
                        same("math")),
                shape("stages that all have names", """
                    {merge_method: linear, models: [{model: math}], parameters: {weight: 1}, name: one}
                    ---
                    {name: two, merge_method: passthrough, slices: [
                      {sources: [{model: one, layer_range: [1, 2]}]}, {sources: [{model: code, layer_range: [0, 2]}]}]}
                    """, "", layer(0, "math", 1) + layer(2, "code", 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shapes")
    void recipesOfTheFieldMeanWhatMergekitMeans(String shape, String yaml, String notes, String tensors)
            throws IOException {
        Report report = merge(yaml, shape);
        assertThat(String.join("\n", report.notes())).isEqualTo(notes);
        for (String line : tensors.split("\n")) {
            String[] sides = line.split(" = ");
            String[] origin = sides[1].split(" ");
            float[] merged = tensor(shape, sides[0]);
            float[] expected = origin[0].equals("0")
                    ? new float[merged.length]
                    : tensor(origin[0], origin.length == 2 ? origin[1] : sides[0]);
            assertThat(largestDifference(merged, expected)).as(line).isLessThan(1e-6f);
        }
    }

    @Test
    void karcherCountsTheBaseLikeAnyModel() throws IOException {
        merge("{merge_method: karcher, base_model: base, models: [{model: math}, {model: code}]}", "unlisted");
        merge("{merge_method: karcher, models: [{model: base}, {model: math}, {model: code}]}", "listed");
        assertThat(folder.resolve("unlisted/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("listed/model.safetensors"));
    }

    private static float largestDifference(float[] merged, float[] expected) {
        assertThat(merged).hasSameSizeAs(expected);
        float largest = 0;
        for (int i = 0; i < merged.length; i++) {
            largest = Math.max(largest, Math.abs(merged[i] - expected[i]));
        }
        return largest;
    }

    private static Arguments shape(String shape, String yaml, String notes, String tensors) {
        return Arguments.of(shape, yaml, notes, tensors);
    }

    private static String same(String model) {
        List<String> lines = new ArrayList<>(List.of("model.embed_tokens.weight = " + model));
        for (int layer : new int[] {0, 1}) {
            lines.add(layer(layer, model, layer).strip());
        }
        return String.join("\n", lines);
    }

    private static String layer(int layer, String model, int from) {
        return Stream.of(UP, QUERY)
                .map(name -> name.formatted(layer) + " = " + model + " " + name.formatted(from) + "\n")
                .reduce("", String::concat);
    }

    private Report merge(String yaml, String output) throws IOException {
        Recipe recipe = Recipe.parse("r.yaml", yaml, folder);
        return Merge.run(recipe, folder.resolve(output), 42, Options.standard().withThreads(1), Progress.NONE);
    }

    private float[] tensor(String model, String name) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(model))) {
            return checkpoint.tensor(name).floats();
        }
    }
}
