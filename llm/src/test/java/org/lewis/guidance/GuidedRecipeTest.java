package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.DocumentException;
import org.lewis.engine.Merge;
import org.lewis.forward.Resources;
import org.lewis.recipe.Recipe;

/// The `guidance:` block on the models of the goldens.
class GuidedRecipeTest {

    private static final String MODELS = """
        base_model: base
        models: [{model: code, parameters: {weight: 1}}, {model: math, parameters: {weight: 1}}]
        parameters: {normalize: true}
        """;

    @TempDir
    Path folder;

    private final List<String> reused = new ArrayList<>();

    private GuidedRecipe guided(String method, String guidance) throws IOException {
        return GuidedRecipe.of(recipe(method, guidance), run());
    }

    private static Recipe recipe(String method, String guidance) {
        return Recipe.parse(
                "r.yaml", MODELS + "merge_method: " + method + "\nguidance: {" + guidance + "}\n", goldens());
    }

    private LewisRun run() {
        LewisRun.Listener listener = new LewisRun.Listener() {
            @Override
            public void reused(String model) {
                reused.add(Path.of(model).getFileName().toString());
            }
        };
        return new LewisRun(
                new PackCache(folder.resolve("cache")), Optional.empty(), Resources.standard(), Map.of(), listener);
    }

    private static Path goldens() {
        try {
            return Path.of(GuidedRecipeTest.class.getResource("/goldens/lewis").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OptionalDouble parameter(GuidedRecipe guided, int model, String name, String tensor) {
        var parameter = guided.recipe().method().parameters().stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow();
        return OptionalDouble.of(
                guided.recipe().value(parameter, guided.recipe().merged().get(model), tensor, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "ties,      '',                                            wanda,          0.3_0.8, ties",
        "ties,      'sparsity_ratio: 0.5',                         wanda_pruned50, 0.3_0.8, ties",
        "ties,      'metric: output_norm',                         output_norm,    0.3_0.8, ties",
        "dare_ties, 'gamma: 0.5, epsilon: 1.0, apply_to_weights: true', wanda,     0.5_1.0, dare_ties"
    })
    void densitiesAreThoseThatLewisWritesIntoItsRecipe(
            String method, String options, String variant, String bounds, String golden) throws IOException {
        GuidedRecipe guided =
                guided(method, "token_ids: calibration_token_ids.json" + (options.isEmpty() ? "" : ", " + options));
        Recipe theirs = Recipe.read(
                goldens().resolve(variant + "/lewis_" + bounds + "_generated_" + golden + "_merge_config.yaml"));

        try (Checkpoint base = Checkpoint.open(goldens().resolve("base"))) {
            for (String tensor : base.tensors().keySet()) {
                for (int model = 0; model < 2; model++) {
                    for (String name : List.of("density", "weight")) {
                        double expected = parameter(new GuidedRecipe(theirs, Map.of()), model, name, tensor)
                                .orElseThrow();
                        assertThat(parameter(guided, model, name, tensor).orElseThrow())
                                .as(tensor + " of " + model + ": " + name)
                                .isCloseTo(expected, within(1e-4));
                    }
                }
            }
        }
    }

    @Test
    void onlyLinearsOfBlocksArePruned() throws IOException {
        Path merged = folder.resolve("merged");
        // One fine-tune alone at weight 1: what is kept of a tensor is all of it or a share of it.
        Recipe recipe = Recipe.parse("r.yaml", """
            merge_method: ties
            base_model: base
            models: [{model: code, parameters: {weight: 1}}]
            guidance: {token_ids: calibration_token_ids.json, gamma: 0.1, epsilon: 0.5}
            """, goldens());
        Merge.run(GuidedRecipe.of(recipe, run()).recipe(), merged);

        try (Safetensors base = Safetensors.open(goldens().resolve("base/model.safetensors"));
                Safetensors code = Safetensors.open(goldens().resolve("code/model.safetensors"));
                Safetensors ours = Safetensors.open(merged.resolve("model.safetensors"))) {
            ours.tensors().forEach((name, tensor) -> {
                double all = distance(
                        base.tensors().get(name).floats(),
                        code.tensors().get(name).floats());
                double lost = distance(tensor.floats(), code.tensors().get(name).floats());
                boolean isLinear = name.contains("_proj.");
                assertThat(isLinear ? lost > 0.01 * all : lost <= 1e-6 * all)
                        .as(name)
                        .isTrue();
            });
        }
    }

    private static double distance(float[] a, float[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return Math.sqrt(squares);
    }

    @Test
    void aSecondRunReusesStatisticsAndSaysSo() throws IOException {
        GuidedRecipe first = guided("ties", "token_ids: calibration_token_ids.json");
        assertThat(reused).containsExactly("base"); // for the second fine-tune
        reused.clear();

        GuidedRecipe second = guided("dare_ties", "token_ids: calibration_token_ids.json, gamma: 0.4");
        assertThat(reused).containsExactly("base", "code", "base", "math");
        assertThat(second.layers().keySet()).isEqualTo(first.layers().keySet());
    }

    @Test
    void eachModelMayHaveTextOfItsOwn() throws IOException {
        Files.writeString(folder.resolve("code.json"), "[[1, 2, 3], [4, 5]]");
        Files.writeString(folder.resolve("math.json"), "[[7, 8, 9, 10]]");
        GuidedRecipe own = guided(
                "ties",
                "calibration: {code: " + folder.resolve("code.json") + ", math: " + folder.resolve("math.json") + "}");
        GuidedRecipe codes = guided("ties", "token_ids: " + folder.resolve("code.json"));
        GuidedRecipe maths = guided("ties", "token_ids: " + folder.resolve("math.json"));

        assertThat(own.layers().get("code").densities().values())
                .isDeepEqualTo(codes.layers().get("code").densities().values());
        assertThat(own.layers().get("math").densities().values())
                .isDeepEqualTo(maths.layers().get("math").densities().values());
        assertThat(maths.layers().get("code").densities().values())
                .isNotEqualTo(codes.layers().get("code").densities().values());
    }

    @Test
    void aModelWithoutTextIsRefused() {
        assertThatThrownBy(() -> guided("ties", "calibration: {code: calibration_token_ids.json}"))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:5:11: guidance: calibration has no file for \"math\"");
    }

    @Test
    void aModelThatIsNotMergedIsRefused() {
        assertThatThrownBy(() -> guided("ties", "calibration: {code: a, math: b, maths: c}"))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:5:11: guidance: guidance names models that the recipe does not merge: maths");
    }

    @ParameterizedTest
    @ValueSource(strings = {"task_arithmetic", "linear"})
    void methodsWithoutDensitiesAreRefused(String method) {
        assertThatThrownBy(() -> guided(method, "token_ids: calibration_token_ids.json"))
                .isInstanceOf(DocumentException.class)
                .hasMessage("r.yaml:5:11: guidance: " + method + " has no densities that guidance could set");
    }

    @Test
    void aMissingFileIsRefusedWithWhereItWasLookedFor() {
        for (String key : List.of("token_ids", "calibration")) {
            assertThatThrownBy(() -> guided("ties", key + ": none.jsonl"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("none.jsonl: no such file, neither in the working directory nor beside the recipe in "
                            + goldens());
        }
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
        assertThatThrownBy(() -> guided("ties", "calibration: " + empty))
                .isInstanceOf(IOException.class)
                .hasMessage(empty + ": holds no text");
    }

    @Test
    void jsonThatIsNeitherIdsNorRowsIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("rows.json"), "[{\"question\": 1}]");
        assertThatThrownBy(() -> guided("ties", "calibration: " + file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": neither a list of lists of token ids, nor JSONL or text");
    }
}
