package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.model.Decoder;

final class LinearsTest {

    static Stream<Path> families() throws IOException, URISyntaxException {
        Path root = Path.of(LinearsTest.class.getResource("/goldens/forward").toURI());
        try (Stream<Path> folders = Files.list(root)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyLinearOfEveryFamilyHasAComponentOfItsOwn(Path family) throws IOException {
        Decoder decoder = LewisRun.describe(ModelLocation.of(family));
        Linears linears = Linears.of(decoder);
        for (int layer = 0; layer < linears.layers(); layer++) {
            assertThat(linears.weights().get(layer).values())
                    .containsExactlyElementsOf(decoder.blocks().get(layer).linears().stream()
                            .map(Decoder.Linear::weight)
                            .toList());
        }
        Set<String> attention = linears.chosen(List.of("attention"));
        Set<String> mlp = linears.chosen(List.of("mlp"));
        assertThat(attention).isNotEmpty().doesNotContainAnyElementsOf(mlp);
        Set<String> both = new HashSet<>(attention);
        both.addAll(mlp);
        assertThat(both).containsExactlyInAnyOrderElementsOf(linears.components());
    }

    @Test
    void componentsAreCalledByTheEndOfTheirNames() throws IOException, URISyntaxException {
        assertThat(of("llama").components())
                .containsExactly("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
        assertThat(of("gpt2").components()).containsExactly("c_attn", "attn.c_proj", "c_fc", "mlp.c_proj");
        assertThat(of("mixtral").components()).contains("experts.0.w1", "experts.1.w1");
        assertThat(of("llama").module(1, "up_proj")).isEqualTo(Optional.of("model.layers.1.mlp.up_proj"));
    }

    @Test
    void wordsThatMeanNoComponentAreRefused() throws IOException, URISyntaxException {
        Linears linears = of("llama");
        assertThatThrownBy(() -> linears.chosen(List.of("q_prj")))
                .hasMessage("the model has no component \"q_prj\"; did you mean \"q_proj\"?");
        assertThatThrownBy(() -> linears.chosen(List.of("embeddings")))
                .hasMessage("the model has no component \"embeddings\"; known: attention, mlp, q_proj, k_proj, v_proj,"
                        + " o_proj, gate_proj, up_proj, down_proj");
    }

    @Test
    void configsMayLeaveComponentsOutOrNameThemOtherwise(@TempDir Path folder) throws IOException, URISyntaxException {
        Decoder gpt2 = LewisRun.describe(ModelLocation.of(family("gpt2")));
        assertThat(config(folder, "").linears(gpt2)).isEqualTo(Linears.of(gpt2));
        Linears own = config(folder, "components: [out]\nprefix_mapping: {out: attn.c_proj}")
                .linears(gpt2);
        assertThat(own.components()).containsExactly("out");
        assertThat(own.attention()).containsExactly("out");
        assertThatThrownBy(() -> config(folder, "components: [c_proj]").linears(gpt2))
                .hasMessage("the component c_proj (.c_proj) is more than one of the linears"
                        + " [transformer.h.0.attn.c_proj, transformer.h.0.mlp.c_proj]; `prefix_mapping` says which it"
                        + " is");
        assertThatThrownBy(() -> config(folder, "components: [q_proj]").linears(gpt2))
                .hasMessageStartingWith("the component q_proj (.q_proj) is none of the linears [transformer.h.0");
    }

    private static LewisConfig config(Path folder, String lines) throws IOException {
        return LewisConfig.read(
                Files.writeString(folder.resolve("lewis.yaml"), "model_info: [{name: base, type: base}]\n" + lines));
    }

    private static Linears of(String family) throws IOException, URISyntaxException {
        return Linears.of(LewisRun.describe(ModelLocation.of(family(family))));
    }

    private static Path family(String name) throws URISyntaxException {
        return Path.of(LinearsTest.class.getResource("/goldens/forward/" + name).toURI());
    }
}
