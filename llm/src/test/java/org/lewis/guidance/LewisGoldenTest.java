package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.calibrate.Pack;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.document.Yaml;

/// What LEWIS's reference code computes for the same models and token ids.
class LewisGoldenTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"wanda", "wanda_pruned50", "output_norm"})
    void normsEqualTheReference(String variant) throws IOException {
        LewisConfig config = LewisConfig.read(goldens().resolve(variant + ".yaml"));
        TextSource ids = TextSource.ofIds(goldens().resolve("calibration_token_ids.json"));
        Node norms = Json.read(goldens().resolve("norms.json")).get(variant);
        for (String model : List.of("base", "code", "math")) {
            Pack pack = run().pack(model, ModelLocation.of(goldens().resolve(model)), ids, config.sparsityRatio());
            Importance importance = Importance.of(pack, config.metric());
            assertThat(importance.byWeight())
                    .hasSameSizeAs(norms.get(model).mapping().keySet());
            importance.byWeight().forEach((weight, norm) -> {
                double expected = norms.get(model).get(referenceName(weight)).number();
                assertThat(norm).as(model + " " + weight).isCloseTo(expected, within(1e-4 * expected));
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wanda", "wanda_pruned50", "output_norm"})
    void deltaFilesEqualTheReference(String variant) throws IOException {
        LewisConfig config = LewisConfig.read(goldens().resolve(variant + ".yaml"));
        Map<String, Movement> movements = run().movements(config, Optional.empty(), Optional.empty());
        assertThat(movements.keySet()).containsExactly("code", "math");
        for (String type : movements.keySet()) {
            DeltaFile file = new DeltaFile(type, "base");
            file.write(folder, movements.get(type).deltas());
            LayerTable ours = file.read(folder, config.components());
            LayerTable theirs = file.read(goldens().resolve(variant + "/delta_dfs"), config.components());
            for (int layer = 0; layer < theirs.layers(); layer++) {
                for (String component : config.components()) {
                    double expected = theirs.value(layer, component);
                    // The smallest deltas are differences of a few last bits of float32 norms.
                    assertThat(ours.value(layer, component)).isCloseTo(expected, within(1e-4 * expected + 1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wanda", "wanda_pruned50", "output_norm"})
    void recipesEqualTheReference(String variant) throws IOException {
        assertRecipe(variant, "ties", 0.3, 0.8, false);
        assertRecipe(variant, "dare_ties", 0.5, 1.0, true);
    }

    private void assertRecipe(String variant, String method, double gamma, double epsilon, boolean weights)
            throws IOException {
        LewisConfig config = LewisConfig.read(goldens().resolve(variant + ".yaml"));
        Map<String, LayerTable> densities = new LinkedHashMap<>();
        for (Map.Entry<String, String> target : config.targets().entrySet()) {
            LayerTable deltas = new DeltaFile(target.getKey(), config.baseType())
                    .read(goldens().resolve(variant + "/delta_dfs"), config.components());
            densities.put(target.getValue(), Lewis.densities(deltas, gamma, epsilon));
        }
        Node ours = Yaml.parse(
                "ours",
                new LewisRecipe(
                                config.baseName(),
                                densities,
                                config.linears(
                                        densities.values().iterator().next().layers()),
                                method,
                                config.globals(),
                                weights)
                        .yaml());
        Node theirs = Yaml.read(goldens()
                .resolve(variant + "/lewis_" + gamma + "_" + epsilon + "_generated_" + method + "_merge_config.yaml"));
        assertSame(ours, theirs, "");
    }

    private static void assertSame(Node ours, Node theirs, String path) {
        if (theirs.isMapping()) {
            assertThat(ours.mapping().keySet())
                    .as(path)
                    .containsExactlyElementsOf(theirs.mapping().keySet());
            theirs.mapping().forEach((key, value) -> assertSame(ours.mapping().get(key), value, path + "." + key));
        } else if (theirs.isSequence()) {
            assertThat(ours.sequence()).as(path).hasSameSizeAs(theirs.sequence());
            for (int i = 0; i < theirs.sequence().size(); i++) {
                assertSame(ours.sequence().get(i), theirs.sequence().get(i), path + "[" + i + "]");
            }
        } else if (theirs.isNumber()) {
            assertThat(ours.number()).as(path).isCloseTo(theirs.number(), within(1e-12));
        } else {
            assertThat(ours.plain()).as(path).isEqualTo(theirs.plain());
        }
    }

    private LewisRun run() {
        return LewisRun.with(new PackCache(folder.resolve("cache")), Optional.empty());
    }

    /// `model.layers.3.mlp.up_proj.weight` is `Layer_mlp.up_proj_3` to the reference.
    private static String referenceName(String weight) {
        String[] parts = weight.split("\\.");
        return "Layer_" + parts[3] + "." + parts[4] + "_" + parts[2];
    }

    private static Path goldens() {
        try {
            return Path.of(LewisGoldenTest.class.getResource("/goldens/lewis").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
