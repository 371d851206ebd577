package org.lewis.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.merge.Parameter;
import org.lewis.merge.Semantics;
import org.lewis.tensor.Dtype;

/// What a recipe means, parameter by parameter.
class RecipeTest {

    private static final String UP = "model.layers.3.mlp.up_proj.weight";
    private static final String QUERY = "model.layers.3.self_attn.q_proj.weight";

    @Test
    void aScalarHoldsEverywhere() {
        Recipe recipe = withWeight("0.5");
        assertThat(weight(recipe, UP, 0)).isEqualTo(0.5);
        assertThat(weight(recipe, QUERY, 1)).isEqualTo(0.5);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.25, 1.5", "0.5, 2", "0.75, 6", "1, 10"})
    void aGradientIsInterpolatedOverTheDepth(double depth, double value) {
        assertThat(weight(withWeight("[1, 2, 10]"), UP, depth)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({"'\"0.5\"', 0.5", "'\"1e-3\"', 0.001", "'[\"1\", 3]', 2"})
    void numbersMayStandInQuotes(String weight, double value) {
        assertThat(weight(withWeight(weight), UP, 0.5)).isEqualTo(value);
    }

    @Test
    void aGradientOfOneValueIsAScalar() {
        assertThat(weight(withWeight("[3]"), UP, 0.7)).isEqualTo(3);
    }

    @Test
    void theFirstFilterThatIsPartOfTheNameWins() {
        Recipe recipe = withWeight("[{filter: self_attn, value: 1}, {filter: proj, value: [2, 4]}, {value: 9}]");
        assertThat(weight(recipe, QUERY, 0.5)).isEqualTo(1);
        assertThat(weight(recipe, UP, 0.5)).isEqualTo(3);
        assertThat(weight(recipe, "model.norm.weight", 0)).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{filter: '*', value: 5}]", "[{value: 5}]", "{value: 5}", "{filter: mlp, value: 5}"})
    void aStarOrNoFilterMatchesEveryNameAndAConditionalNeedsNoList(String weight) {
        assertThat(weight(withWeight(weight), UP, 0)).isEqualTo(5);
    }

    @Test
    void whereNoFilterMatchesTheNextLevelDecides() {
        Recipe recipe = Recipe.parse("r.yaml", """
            merge_method: ties
            base_model: base
            models:
              - {model: math, parameters: {weight: {filter: mlp, value: 1}, density: {filter: mlp, value: 0.1}}}
              - {model: code, parameters: {weight: 3}}
            parameters: {weight: 2}
            """, Path.of("."));
        assertThat(weight(recipe, UP, 0)).isEqualTo(1);
        assertThat(weight(recipe, QUERY, 0)).isEqualTo(2);
        assertThat(recipe.value(parameter(recipe, "weight"), recipe.models().get(1), QUERY, 0))
                .isEqualTo(3);
        assertThat(recipe.value(parameter(recipe, "density"), recipe.models().getFirst(), UP, 0))
                .isEqualTo(0.1);
        assertThat(recipe.value(parameter(recipe, "density"), recipe.models().getFirst(), QUERY, 0))
                .isEqualTo(1);
    }

    @Test
    void aParameterWithoutAnyValueIsRefusedWithTheTensor() {
        Recipe recipe = withWeight("{filter: mlp, value: 1}");
        assertThatThrownBy(() -> weight(recipe, QUERY, 0))
                .hasMessage("r.yaml:4:5: models[0]: `weight` is missing, which ties needs for " + QUERY
                        + "; set it under the model's `parameters`, or the recipe's own");
    }

    @ParameterizedTest
    @CsvSource({
        "linear, normalize, 1",
        "task_arithmetic, normalize, 0",
        "task_arithmetic, lambda, 1",
        "ties, normalize, 1",
        "ties, rescale, 0",
        "dare_linear, normalize, 0",
        "dare_linear, rescale, 1",
        "dare_ties, normalize, 0",
        "dare_ties, rescale, 1"
    })
    void defaultsAreThoseOfMergekit(String method, String name, double standard) {
        Recipe recipe = withMethod(method, "");
        assertThat(recipe.value(parameter(recipe, name), UP, 0)).isEqualTo(standard);
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "false, 0", "1, 1", "0.0, 0", "yes, 1", "Off, 0", "\"true\", 1", "\"1.0\", 1"})
    void flagsMayBeWordsOrNumbers(String text, double value) {
        Recipe recipe = withMethod("ties", "parameters: {rescale: " + text + "}");
        assertThat(recipe.value(parameter(recipe, "rescale"), UP, 0)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.49, 1", "0.5, 0", "0.99, 0", "1, 1"})
    void aListOfFlagsIsTakenInSteps(double depth, double value) {
        Recipe recipe = withMethod("ties", "parameters: {rescale: [true, false, true]}");
        assertThat(recipe.value(parameter(recipe, "rescale"), UP, depth)).isEqualTo(value);
    }

    @Test
    void aParameterWithoutAValueCountsAsNotThere() {
        Recipe recipe = withMethod("ties", "parameters: {rescale: ~}");
        assertThat(recipe.value(parameter(recipe, "rescale"), UP, 0)).isZero();
    }

    @Test
    void outliersOfErrorCorrectedPruningAreNotDropped() {
        String yaml = """
            merge_method: breadcrumbs
            base_model: base
            models: [{model: math, parameters: {weight: 1}}]
            guidance: {method: sparsegpt, density: 0.5, token_ids: ids.json}
            """;
        assertThat(Recipe.parse("r.yaml", yaml, Path.of(".")).notes())
                .containsExactly("r.yaml:4:11: guidance: error-corrected pruning keeps outliers, so the `gamma` of"
                        + " breadcrumbs has no effect; with `error_correction: false` it drops those of the ranking");
        String ranked = yaml.replace("density: 0.5", "density: 0.5, error_correction: false");
        assertThat(Recipe.parse("r.yaml", ranked, Path.of(".")).notes()).isEmpty();
    }

    @Test
    void parametersOfOtherMethodsAreNoted() {
        Recipe recipe = withMethod("linear", "parameters: {lambda: 2}");
        assertThat(recipe.notes()).containsExactly("r.yaml:4:22: parameters.lambda: has no effect on linear");
    }

    @Test
    void parametersOfTheWholeMergeAreNotedWhenSetOnOneModel() {
        Recipe recipe = Recipe.parse("r.yaml", """
            merge_method: ties
            base_model: base
            models:
              - model: math
                parameters: {weight: 1, lambda: 2}
            """, Path.of("."));
        assertThat(recipe.notes())
                .containsExactly("r.yaml:5:37: models[0].parameters.lambda: holds for the whole merge and has no effect"
                        + " on one model; set it under the recipe's own `parameters`");
        assertThat(recipe.value(parameter(recipe, "lambda"), UP, 0)).isEqualTo(1);
    }

    @Test
    void anchorsAndMergeKeysShareWhatModelsHaveInCommon() {
        Recipe recipe = Recipe.parse("r.yaml", """
            merge_method: ties
            base_model: base
            models:
              - model: math
                parameters: &common {weight: 1, density: 0.5}
              - model: code
                parameters: {<<: *common, density: 0.7}
              - {model: chat, parameters: *common}
            """, Path.of("."));
        List<Double> densities = recipe.models().stream()
                .map(entry -> recipe.value(parameter(recipe, "density"), entry, UP, 0))
                .toList();
        assertThat(densities).containsExactly(0.5, 0.7, 0.5);
    }

    @Test
    void theBaseMayBeListedAmongTheModels() {
        Recipe recipe = withMethod("ties", "");
        assertThat(recipe.base()).map(ModelReference::path).contains("base");
        assertThat(recipe.models()).hasSize(2);
        assertThat(recipe.merged()).map(entry -> entry.model().path()).containsExactly("math");
    }

    @Test
    void linearMergesTheBaseWhenItIsListed() {
        assertThat(withMethod("linear", "").merged())
                .map(entry -> entry.model().path())
                .containsExactly("base", "math");
    }

    @ParameterizedTest
    @CsvSource({"'{model: base}, {model: math}'", "'{model: math}, {model: base}'", "'{model: math}'"})
    void slerpGoesFromTheBaseWhereverItIsListed(String models) {
        Recipe recipe =
                Recipe.parse("r.yaml", "merge_method: slerp\nbase_model: base\nmodels: [" + models + "]", Path.of("."));
        assertThat(recipe.merged()).map(entry -> entry.model().path()).containsExactly("base", "math");
        assertThat(recipe.mergesDifferences()).isFalse();
    }

    @Test
    void karcherCountsTheBaseAmongItsModels() {
        assertThat(withMethod("karcher", "").merged())
                .map(entry -> entry.model().path())
                .containsExactly("base", "math");
        assertThat(Recipe.parse("r.yaml", "merge_method: karcher\nbase_model: b\nmodels: [{model: a}]", Path.of("."))
                        .merged())
                .map(entry -> entry.model().path())
                .containsExactly("b", "a");
    }

    @Test
    void aBaseMakesMultislerpOneOfTaskVectors() {
        assertThat(withMethod("multislerp", "").mergesDifferences()).isTrue();
        assertThat(withMethod("multislerp", "").merged())
                .map(entry -> entry.model().path())
                .containsExactly("math");
    }

    @ParameterizedTest
    @CsvSource({
        "dtype: bfloat16, BF16",
        "dtype: torch.float16, F16",
        "dtype: Float32, F32",
        "'{dtype: float32, out_dtype: bfloat16}', BF16"
    })
    void theOutputHasTheOutDtypeElseTheDtype(String yaml, Dtype dtype) {
        String lines = yaml.replaceAll("[{}]", "").replace(", ", "\n");
        assertThat(withMethod("ties", lines).outDtype()).contains(dtype);
    }

    @Test
    void withoutDtypeEachTensorKeepsItsOwn() {
        assertThat(withMethod("ties", "").outDtype()).isEmpty();
    }

    @Test
    void dareKnowsTheSemanticsOfItsPaper() {
        assertThat(withMethod("dare_ties", "").semantics()).isEqualTo(Semantics.MERGEKIT);
        assertThat(withMethod("dare_ties", "semantics: paper").semantics()).isEqualTo(Semantics.PAPER);
    }

    @ParameterizedTest
    @CsvSource({
        "org/name, org/name, , ",
        "org/name@main, org/name, main, ",
        "org/name+org/lora, org/name, , org/lora",
        "org/name@main+org/lora, org/name, main, org/lora",
        "'{model: {path: a+b@c, revision: main}, lora: {path: d}}', a+b@c, main, d",
        "'{model: a, lora: b}', a, , b"
    })
    void modelsAreNamedInOneWordOrAsAMapping(String yaml, String path, String revision, String adapter) {
        Recipe recipe = Recipe.parse("r.yaml", "merge_method: linear\nmodels: [{model: " + yaml + "}]", Path.of("."));
        assertThat(recipe.models().getFirst().model())
                .isEqualTo(new ModelReference(path, Optional.ofNullable(revision), Optional.ofNullable(adapter)));
    }

    @Test
    void guidanceHasDefaults() {
        Recipe recipe = withMethod("ties", "guidance: {calibration: train.jsonl}");
        Guidance guidance = recipe.guidance().orElseThrow();
        assertThat(guidance.densities()).contains(DensityRule.between(0.3, 0.8));
        assertThat(guidance.samples()).isEqualTo(15);
        assertThat(guidance.maxLength()).isEqualTo(512);
        assertThat(guidance.metric()).isEqualTo(Guidance.Metric.WANDA);
        assertThat(guidance.calibration()).containsEntry(Guidance.EVERY_MODEL, "train.jsonl");
    }

    private static Recipe withWeight(String weight) {
        return Recipe.parse(
                "r.yaml",
                "merge_method: ties\nbase_model: base\nmodels:\n  - {model: math, parameters: {weight: " + weight
                        + "}}",
                Path.of("."));
    }

    private static Recipe withMethod(String method, String more) {
        return Recipe.parse(
                "r.yaml",
                "merge_method: " + method + "\nbase_model: base\nmodels: [{model: base}, {model: math}]\n" + more,
                Path.of("."));
    }

    private static double weight(Recipe recipe, String tensor, double depth) {
        return recipe.value(parameter(recipe, "weight"), recipe.models().getFirst(), tensor, depth);
    }

    private static Parameter parameter(Recipe recipe, String name) {
        return recipe.method().parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
