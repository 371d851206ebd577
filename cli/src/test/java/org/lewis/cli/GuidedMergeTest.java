package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.calibrate.Pack;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.Json;

/// `merge` guided by AIM and by RegMean, against what `calibrate` says about the models, on those of LEWIS's goldens.
class GuidedMergeTest {

    private static final List<String> MODELS = List.of("code", "math");
    private static final double[] WEIGHTS = {0.6, 0.3};
    private static final int LAYERS = 5;

    /// Linear layers that read the same tensor.
    private static final List<List<String>> GROUPS = List.of(
            List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
            List.of("self_attn.o_proj"),
            List.of("mlp.gate_proj", "mlp.up_proj"),
            List.of("mlp.down_proj"));

    @TempDir
    Path folder;

    /// Sequences of each model's text.
    private final List<Integer> samples = new ArrayList<>();

    /// Each model gets a text of its own.
    @BeforeEach
    void splitTheText() throws IOException {
        Path all = Fixtures.LEWIS.resolve("calibration_token_ids.json");
        List<?> sequences = (List<?>) Json.parse("ids", Files.readString(all)).plain();
        List<List<?>> parts = List.of(sequences.subList(0, 5), sequences.subList(5, sequences.size()));
        for (int i = 0; i < parts.size(); i++) {
            Files.writeString(ids(MODELS.get(i)), Json.compact(parts.get(i)));
            samples.add(parts.get(i).size());
        }
    }

    private Path ids(String model) {
        return folder.resolve(model + ".json");
    }

    private static Path model(String name) {
        return Fixtures.LEWIS.resolve(name);
    }

    private Path merge(String name, String method, String guidance) throws IOException {
        Path recipe =
                Files.writeString(folder.resolve(name + ".yaml"), """
                    merge_method: %1$s
                    models:
                      - {model: %2$s/code, parameters: {weight: 0.6}}
                      - {model: %2$s/math, parameters: {weight: 0.3}}
                    %3$s
                    """.formatted(method, Fixtures.LEWIS, guidance));
        run("merge", recipe, "-o", folder.resolve(name), "--cache", folder.resolve("cache"), "--quiet");
        return folder.resolve(name);
    }

    private String guidance(String options) {
        return "guidance: {token_ids: {%1$s/code: %2$s, %1$s/math: %3$s}, %4$s}\n"
                .formatted(Fixtures.LEWIS, ids("code"), ids("math"), options);
    }

    private static void run(Object... command) {
        Cli.Result result = Cli.run(Arrays.stream(command).map(Object::toString).toArray(String[]::new));
        assertThat(result.exitCode()).as(result.err()).isEqualTo(Main.DONE);
    }

    @Test
    void aimHoldsTheMergeBackWhereTheBaseIsBusy() throws IOException {
        String base = "base_model: " + model("base") + "\n";
        Path plain = merge("plain", "task_arithmetic", base);
        Path relaxed = merge("relaxed", "task_arithmetic", base + guidance("method: aim, omega: 0.3"));
        Path pack = folder.resolve("base.pack");
        run(
                "calibrate",
                model("base"),
                "--token-ids",
                Fixtures.LEWIS.resolve("calibration_token_ids.json"),
                "-o",
                pack);

        Pack statistics = Pack.read(pack);
        assertThat(statistics.byWeight()).hasSize(7 * LAYERS);
        try (Checkpoint before = Checkpoint.open(model("base"));
                Checkpoint free = Checkpoint.open(plain);
                Checkpoint held = Checkpoint.open(relaxed)) {
            for (String tensor : before.tensors().keySet()) {
                float[] from = before.tensor(tensor).floats();
                float[] expected = free.tensor(tensor).floats();
                if (statistics.byWeight().containsKey(tensor)) {
                    double[] activations = statistics.of(tensor).inputMagnitudes();
                    double most = Arrays.stream(activations).max().orElseThrow();
                    for (int i = 0; i < from.length; i++) {
                        double share = 1 - 0.7 * activations[i % activations.length] / most;
                        expected[i] = (float) (from[i] + share * (expected[i] - from[i]));
                    }
                }
                assertThat(held.tensor(tensor).floats()).as(tensor).containsExactly(expected, within(1e-6f));
            }
        }
    }

    @Test
    void regMeanOfTheModelsOwnInputsSolvesItsEquation() throws IOException {
        Path merged = merge("merged", "regmean", guidance("method: regmean, alpha: 0.8, sequential: false"));
        List<Path> packs = new ArrayList<>();
        for (String model : MODELS) {
            packs.add(folder.resolve(model + ".pack"));
            run("calibrate", model(model), "--token-ids", ids(model), "--gram", "full", "-o", packs.getLast());
        }

        assertThat(Fixtures.names(folder.resolve("cache")))
                .singleElement()
                .asString()
                .endsWith(".safetensors");
        try (Checkpoint code = Checkpoint.open(model("code"));
                Checkpoint math = Checkpoint.open(model("math"));
                Checkpoint ours = Checkpoint.open(merged);
                Safetensors codeGrams = Safetensors.open(packs.getFirst());
                Safetensors mathGrams = Safetensors.open(packs.getLast())) {
            for (int layer = 0; layer < LAYERS; layer++) {
                for (List<String> group : GROUPS) {
                    String at = "model.layers." + layer + ".";
                    double[][] first = shrunk(gram(codeGrams, at, group), 0);
                    double[][] second = shrunk(gram(mathGrams, at, group), 1);
                    for (String linear : group) {
                        String weight = at + linear + ".weight";
                        assertSolves(
                                weight,
                                ours.tensor(weight).floats(),
                                first,
                                code.tensor(weight).floats(),
                                second,
                                math.tensor(weight).floats());
                    }
                }
            }
            for (String tensor : List.of("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight")) {
                assertThat(ours.tensor(tensor).floats())
                        .as(tensor)
                        .containsExactly(
                                mean(
                                        code.tensor(tensor).floats(),
                                        math.tensor(tensor).floats()),
                                within(1e-6f));
            }
        }
    }

    /// `W (w_1 G_1 + w_2 G_2) = w_1 W_1 G_1 + w_2 W_2 G_2`, the weights being in the matrices.
    private static void assertSolves(
            String name, float[] ours, double[][] first, float[] code, double[][] second, float[] math) {
        int columns = first.length;
        double scale = 0;
        double worst = 0;
        for (int row = 0; row < ours.length / columns; row++) {
            for (int column = 0; column < columns; column++) {
                double left = 0;
                double right = 0;
                for (int k = 0; k < columns; k++) {
                    int i = row * columns + k;
                    left += ours[i] * (first[k][column] + second[k][column]);
                    right += code[i] * first[k][column] + math[i] * second[k][column];
                }
                scale = Math.max(scale, Math.abs(right));
                worst = Math.max(worst, Math.abs(left - right));
            }
        }
        assertThat(worst).as(name).isLessThan(1e-4 * scale);
    }

    private static float[] gram(Safetensors grams, String at, List<String> group) {
        return group.stream()
                .map(linear -> grams.tensors().get(at + linear + ".weight.gram"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow()
                .floats();
    }

    /// `w G` per sample with its off-diagonals times alpha.
    private double[][] shrunk(float[] gram, int model) {
        int features = (int) Math.sqrt(gram.length);
        double[][] shrunk = new double[features][features];
        for (int i = 0; i < gram.length; i++) {
            double alpha = i / features == i % features ? 1 : 0.8;
            shrunk[i / features][i % features] = gram[i] * alpha * WEIGHTS[model] / samples.get(model);
        }
        return shrunk;
    }

    private static float[] mean(float[] code, float[] math) {
        float[] mean = new float[code.length];
        IntStream.range(0, mean.length)
                .forEach(i ->
                        mean[i] = (float) ((WEIGHTS[0] * code[i] + WEIGHTS[1] * math[i]) / (WEIGHTS[0] + WEIGHTS[1])));
        return mean;
    }
}
