package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.Layout;
import org.lewis.document.Json;
import org.lewis.guidance.LewisConfig;
import org.lewis.guidance.LewisRun;
import org.lewis.guidance.Linears;
import org.lewis.model.Decoder;
import org.lewis.model.Families;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// The recipes of the paper's experiments, planned for stand-ins of the real models: their families and depths, with
/// small widths and nothing but zeros.
class PaperExamplesTest {

    private static final Path PAPER = Fixtures.EXAMPLES.resolve("paper");

    private static final String GEMMA = """
        {"model_type": "gemma2", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": %d,
         "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "vocab_size": 1024, "rms_norm_eps": 1e-6,
         "sliding_window": 4096, "query_pre_attn_scalar": 256, "attn_logit_softcapping": 50.0,
         "final_logit_softcapping": 30.0, "max_position_embeddings": 8192, "rope_theta": 10000.0,
         "hidden_activation": "gelu_pytorch_tanh"}
        """;

    private static final String LLAMA = """
        {"model_type": "llama", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 32,
         "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 1024, "rms_norm_eps": 1e-5,
         "max_position_embeddings": 8192, "rope_theta": 500000.0, "hidden_act": "silu", "tie_word_embeddings": false}
        """;

    @TempDir
    Path folder;

    @BeforeEach
    void makeModels() throws IOException {
        for (String name : List.of("google/gemma-2-2b", "google/gemma-2-2b-it")) {
            model(name, GEMMA.formatted(26));
        }
        for (String name : List.of("google/gemma-2-9b", "google/gemma-2-9b-it")) {
            model(name, GEMMA.formatted(42));
        }
        for (String name : List.of("meta-llama/Llama-3.1-8B", "MathGenie/MathCoder2-Llama-3-8B")) {
            model(name, LLAMA);
        }
    }

    private void model(String name, String config) throws IOException {
        Path model = Files.createDirectories(folder.resolve(name));
        Files.writeString(model.resolve("config.json"), config);
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(Fixtures.EXAMPLES.resolve("models/base").resolve(file), model.resolve(file));
        }
        Layout layout = Layout.of(
                Families.describe(Json.parse("config.json", config), Set.of()).slots().stream()
                        .map(slot -> new Layout.Slot(
                                slot.tensor(),
                                Dtype.BF16,
                                Shape.of(slot.shape().stream()
                                        .mapToLong(Integer::longValue)
                                        .toArray())))
                        .toList(),
                Plan.DEFAULT_SHARD_BYTES);
        Layout.Shard shard = layout.shards().getFirst();
        try (RandomAccessFile file =
                new RandomAccessFile(model.resolve(shard.file()).toFile(), "rw")) {
            file.write(shard.header());
            file.setLength(shard.bytes());
        }
    }

    static List<Path> scenarios() throws IOException {
        try (Stream<Path> folders = Files.list(PAPER)) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void everyRecipeFitsItsModels(Path scenario) throws IOException {
        Linears linears = config(scenario);
        List<String> recipes = List.of(
                "dare.yaml", "lewis-dare.yaml", "lewis-ties.yaml", "one-component.yaml", "ties.yaml", "top-k.yaml");
        assertThat(Fixtures.names(scenario)).containsAll(recipes).hasSize(recipes.size() + 1);
        for (String name : recipes) {
            Recipe recipe = Recipe.read(copy(scenario.resolve(name)));
            try (Sources sources = Sources.open(recipe)) {
                assertThat(Plan.of(recipe, sources, Plan.DEFAULT_SEED).jobs())
                        .as(name)
                        .hasSizeGreaterThan(
                                linears.layers() * linears.components().size());
            }
            recipe.guidance()
                    .ifPresent(guidance -> assertThat(linears.components())
                            .containsAll(guidance.densities().orElseThrow().only()));
            assertThat(recipe.guidance().isPresent())
                    .as(name)
                    .isEqualTo(!Set.of("dare.yaml", "ties.yaml").contains(name));
        }
    }

    /// The linear layers that the scenario's config speaks of, which are those of its models.
    private Linears config(Path scenario) throws IOException {
        LewisConfig config = LewisConfig.read(copy(scenario.resolve("lewis.yaml")));
        Decoder decoder = LewisRun.describe(config.model(config.baseType()));
        Linears linears = config.linears(decoder);
        assertThat(linears.layers()).isEqualTo(decoder.blocks().size());
        assertThat(linears.weights()).isEqualTo(Linears.of(decoder).weights());
        Recipe recipe = Recipe.read(copy(scenario.resolve("ties.yaml")));
        assertThat(config.baseName()).isEqualTo(recipe.base().orElseThrow().toString());
        assertThat(config.targets().values())
                .containsExactly(recipe.merged().getFirst().model().toString());
        return linears;
    }

    @Test
    void baselinesArePlannedOnTheCommandLine() throws IOException {
        Cli.Result result =
                Cli.run("merge", copy(PAPER.resolve("gemma-2-2b/ties.yaml")).toString(), "--dry-run");
        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isEqualTo(Main.DONE);
        assertThat(result.out())
                .contains("model.layers.25.mlp.down_proj.weight", "google/gemma-2-2b-it {density=0.5")
                .contains("ties of 2 models: 288 tensors");
    }

    /// Models are found beside the recipe that names them.
    private Path copy(Path file) throws IOException {
        return Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
}
