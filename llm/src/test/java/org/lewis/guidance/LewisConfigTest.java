package org.lewis.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.HubCache;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.document.DocumentException;
import org.lewis.forward.Golden;
import org.lewis.recipe.Guidance;

class LewisConfigTest {

    /// As it stands in the repository of LEWIS's authors.
    private static final String THEIRS = """
        model_info:
          - name: 'google/gemma-2-2b'
            type: 'base'
          - name: 'google/gemma-2-2b-it'
            type: 'code'

        dataset: "mbpp"

        sparsity_ratio: 0.5

        nsamples: 15

        components:
          - q_proj
          - up_proj

        base_model_type: 'base'
        base_model_name: 'google/gemma-2-2b'

        target_model_names:
          code: 'google/gemma-2-2b-it'

        global_parameters:
          normalize: true
          int8_mask: true

        prefix_mapping:
          q_proj: 'self_attn.q_proj'
          up_proj: 'mlp.up_proj'
         \s
        """;

    private static final String SHORT = """
        model_info: [{name: a, type: base}, {name: b, type: math}]
        components: [up_proj]
        """;

    @TempDir
    Path folder;

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("c.yaml"), yaml);
    }

    private LewisConfig read(String yaml) throws IOException {
        return LewisConfig.read(file(yaml));
    }

    @Test
    void theirOwnConfigIsRead() throws IOException {
        LewisConfig config = read(THEIRS);

        assertThat(config.models())
                .containsExactly(Map.entry("base", "google/gemma-2-2b"), Map.entry("code", "google/gemma-2-2b-it"));
        assertThat(config.baseType()).isEqualTo("base");
        assertThat(config.baseName()).isEqualTo("google/gemma-2-2b");
        assertThat(config.targets()).isEqualTo(Map.of("code", "google/gemma-2-2b-it"));
        assertThat(config.dataset()).isEqualTo("mbpp");
        assertThat(config.textTemplate()).isEqualTo("{text} {code}");
        assertThat(config.samples()).isEqualTo(15);
        assertThat(config.sparsityRatio()).isEqualTo(0.5);
        assertThat(config.components()).containsExactly("q_proj", "up_proj");
        assertThat(config.globals()).isEqualTo(Map.of("normalize", true, "int8_mask", true));
        assertThat(config.linears(5).module(3, "q_proj")).hasValue("model.layers.3.self_attn.q_proj");
    }

    @Test
    void whatIsNotSaidIsStandard() throws IOException {
        LewisConfig config = read(SHORT);

        assertThat(config.dataset()).isEqualTo("mbpp");
        assertThat(config.samples()).isEqualTo(15);
        assertThat(config.sparsityRatio()).isZero();
        assertThat(config.baseName()).isEqualTo("a");
        assertThat(config.targets()).isEmpty();
        assertThat(config.metric()).isEqualTo(Guidance.Metric.WANDA);
        assertThat(config.seed()).isEqualTo(42);
        assertThat(config.maxLength()).isEqualTo(512);
        assertThat(config.linears(1).module(0, "up_proj")).hasValue("model.layers.0.up_proj");
    }

    @Test
    void otherDataSetsAreQuestionsAndAnswersUnlessTheConfigSaysMore() throws IOException {
        assertThat(read(SHORT + "dataset: mine.jsonl\n").textTemplate()).isEqualTo("{question} {answer}");
        assertThat(read(SHORT + "template: \"{x}\"\n").textTemplate()).isEqualTo("{x}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        nsample: 3                        | 3:1: nsample: unknown key "nsample"; did you mean "nsamples"?
        nsamples: 0                       | 3:11: nsamples: expected a whole number from 1 to 1000000, found 0
        sparsity_ratio: 1                 | 3:17: sparsity_ratio: expected a number in [0, 1), found 1
        sparsity_ratio: -0.1              | 3:17: sparsity_ratio: expected a number in [0, 1), found -0.1
        metric: wand                      | 3:9: metric: unknown metric "wand"; did you mean "wanda"?
        base_model_type: bass             | 1:13: model_info: no model has the type "bass" of the base
        target_model_names: {code: b}     | 3:28: target_model_names.code: no model of `model_info` has this type
        target_model_names: {base: a}     | 3:28: target_model_names.base: this is the base, which the targets are compared with
        max_length: x                     | 3:13: max_length: expected a whole number, found "x"
        """)
    void whatCannotBeRightIsRefusedWithItsPlace(String line, String message) throws IOException {
        Path file = file(SHORT + line + "\n");
        assertThatThrownBy(() -> LewisConfig.read(file))
                .isInstanceOf(DocumentException.class)
                .hasMessage(file + ":" + message);
    }

    @Test
    void modelsNeedTypesOfTheirOwnThatCanNameFiles() throws IOException {
        Path twice = file("model_info: [{name: a, type: base}, {name: b, type: base}]\ncomponents: [up_proj]\n");
        assertThatThrownBy(() -> LewisConfig.read(twice))
                .hasMessage(twice + ":1:53: model_info[1].type: the type \"base\" stands here twice");

        Path path = file("model_info: [{name: a, type: ../base}]\ncomponents: [up_proj]\n");
        assertThatThrownBy(() -> LewisConfig.read(path))
                .hasMessage(path + ":1:30: model_info[0].type: expected letters, digits, '.', '_' and '-', found"
                        + " \"../base\"");
    }

    @Test
    void twoTypesCannotLeadToOneTarget() throws IOException {
        Path file = file("""
            model_info: [{name: a, type: base}, {name: b, type: math}, {name: c, type: code}]
            components: [up_proj]
            target_model_names: {math: b, code: b}
            """);
        assertThatThrownBy(() -> LewisConfig.read(file))
                .hasMessage(file + ":3:37: target_model_names.code: \"b\" stands here for math too");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[]", "[up_proj, up_proj]"})
    void componentsAreDifferentAndAtLeastOne(String components) throws IOException {
        assertThatThrownBy(() -> read("model_info: [{name: a, type: base}]\ncomponents: " + components + "\n"))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining(
                        ":2:13: components: expected different components, at least one, found a list of ");
    }

    @Test
    void aComponentThatTheModelLacksIsRefused() throws IOException {
        Path llama = Golden.root().resolve("llama");
        String yaml = "model_info: [{name: " + llama + ", type: base}]\ncomponents: [up_proj, upp_proj]\n";
        LewisRun run = LewisRun.with(new PackCache(folder), Optional.empty());

        assertThatThrownBy(() -> run.movements(read(yaml)))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("the component upp_proj (.upp_proj) is none of the linears"
                        + " [model.layers.0.self_attn.q_proj, model.layers.0.self_attn.k_proj,"
                        + " model.layers.0.self_attn.v_proj, model.layers.0.self_attn.o_proj,"
                        + " model.layers.0.mlp.gate_proj, model.layers.0.mlp.up_proj, model.layers.0.mlp.down_proj];"
                        + " `prefix_mapping` says which it is");
    }

    @Test
    void linearsAreCalledAsTheModelCallsThem() throws IOException {
        Path gpt2 = Golden.root().resolve("gpt2");
        LewisConfig config = read("model_info: [{name: " + gpt2
                + ", type: base}]\ncomponents: [c_attn, c_proj]\nprefix_mapping: {c_proj: mlp.c_proj}\n");

        Linears linears = config.linears(LewisRun.describe(ModelLocation.of(gpt2)));
        assertThat(linears.module(1, "c_attn").orElseThrow()).endsWith("h.1.attn.c_attn");
        assertThat(linears.module(1, "c_proj").orElseThrow()).endsWith("h.1.mlp.c_proj");
    }

    @Test
    void aComponentThatStandsForSeveralLinearsIsRefused() throws IOException {
        Path gpt2 = Golden.root().resolve("gpt2");
        LewisConfig config = read("model_info: [{name: " + gpt2 + ", type: base}]\ncomponents: [c_proj]\n");

        assertThatThrownBy(() -> config.linears(LewisRun.describe(ModelLocation.of(gpt2))))
                .isInstanceOf(CheckpointException.class)
                .hasMessageMatching("the component c_proj \\(\\.c_proj\\) is more than one of the linears"
                        + " \\[.*h\\.0\\.attn\\.c_proj, .*h\\.0\\.mlp\\.c_proj]; `prefix_mapping` says which it is");
    }

    @Test
    void fineTunesMustHaveTheLinearLayersOfTheBase() throws IOException {
        Path llama = Golden.root().resolve("llama");
        Path mistral = Golden.root().resolve("qwen3");
        String yaml = "model_info: [{name: " + llama + ", type: base}, {name: " + mistral
                + ", type: math}]\ncomponents: [up_proj]\n";
        LewisRun run = LewisRun.with(new PackCache(folder), Optional.empty());

        assertThatThrownBy(() -> run.movements(read(yaml)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(mistral + " and " + llama + " do not have the same linear layers; only ");
    }

    @Test
    void modelsAndDataAreFoundBesideTheConfig() throws IOException {
        LewisConfig config = read(SHORT + "dataset: rows.jsonl\n");
        Path model = Files.createDirectory(folder.resolve("b"));
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), "");

        assertThat(config.model("math")).isEqualTo(ModelLocation.of(model));
        assertThat(config.data()).isEqualTo(rows);
        assertThat(read(SHORT + "dataset: pom.xml\n").data()).isEqualTo(Path.of("pom.xml"));
        assertThatThrownBy(() -> config.model("base"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(
                        "a: no such model folder, neither in the working directory, nor in " + folder + ", ");
    }

    @Test
    void dataSetsThatLewisKnowsByNameAreInTheHubsCache() throws IOException {
        HubCache hub = new HubCache(folder.resolve("hub"));
        LewisConfig config = read(THEIRS);
        assertThatThrownBy(() -> config.data(hub))
                .hasMessage("google-research-datasets/mbpp: no such file or folder of data, neither in " + folder
                        + " nor in the working directory, and no such data set in the hub's cache " + hub.folder()
                        + ", to which it has to be downloaded first");

        Path split = folder.resolve("hub/datasets--google-research-datasets--mbpp/snapshots/main/full");
        Files.createDirectories(split);
        Files.writeString(split.resolve("test-00000-of-00001.jsonl"), "{}");
        Path rows = Files.writeString(split.resolve("train-00000-of-00001.jsonl"), "{}");
        assertThat(config.data(hub)).isEqualTo(rows);
        assertThat(config.textTemplate()).isEqualTo("{text} {code}");
    }

    @Test
    void otherDataSetsMustBeFiles() throws IOException {
        assertThatThrownBy(() -> read(SHORT + "dataset: mine\n").data())
                .isInstanceOf(CheckpointException.class)
                .hasMessage("mine: no such data set, neither in the working directory nor in " + folder
                        + "; rows of another JSONL file are taken with --data");
    }
}
