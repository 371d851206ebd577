package org.lewis.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.model.Decoder.Position.Rotary;

final class FamiliesTest {

    private static final String SIZES = """
        "vocab_size": 60, "hidden_size": 64, "intermediate_size": 56, "num_attention_heads": 4,
        "num_key_value_heads": 2, "num_hidden_layers": 2, "max_position_embeddings": 64, "rms_norm_eps": 1e-6\
        """;

    @Test
    void anUnknownFamilyIsRefusedWithItsPlaceAndTheNearestName() {
        assertThatThrownBy(() -> Families.describe(
                        Json.parse("config.json", "{\n \"hidden_size\": 1,\n \"model_type\": \"lama\"}"), Set.of()))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith(
                        "config.json:3:16: model_type: models of type \"lama\" can be merged but not run;"
                                + " did you mean \"llama\"?; known: bloom, cohere, falcon, gemma, ");
    }

    @Test
    void aMissingSizeIsNamed() {
        assertThatThrownBy(() -> Families.describe(Json.parse("config.json", "{\"model_type\": \"llama\"}"), Set.of()))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("\"hidden_size\" or \"n_embd\" or \"n_embed\" is missing");
    }

    @Test
    void switchesWithoutADescriptionAreRefused() {
        assertThatThrownBy(() -> describe("cohere", "\"use_qk_norm\": true"))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("a model with \"use_qk_norm\": true can be merged but not run");
    }

    @Test
    void slotsAreAllTensorsInForwardOrder() {
        assertThat(describe("llama", "\"tie_word_embeddings\": false").slots().stream()
                        .map(Slot::toString))
                .startsWith(
                        "model.embed_tokens.weight [60, 64]",
                        "model.layers.0.input_layernorm.weight [64]",
                        "model.layers.0.self_attn.q_proj.weight [64, 64]",
                        "model.layers.0.self_attn.k_proj.weight [32, 64]",
                        "model.layers.0.self_attn.v_proj.weight [32, 64]",
                        "model.layers.0.self_attn.o_proj.weight [64, 64]",
                        "model.layers.0.post_attention_layernorm.weight [64]",
                        "model.layers.0.mlp.gate_proj.weight [56, 64]",
                        "model.layers.0.mlp.up_proj.weight [56, 64]",
                        "model.layers.0.mlp.down_proj.weight [64, 56]",
                        "model.layers.1.input_layernorm.weight [64]")
                .endsWith("model.norm.weight [64]", "lm_head.weight [60, 64]")
                .hasSize(1 + 2 * 9 + 2);
    }

    @Test
    void aTiedHeadOwnsNothing() {
        assertThat(describe("llama", "\"tie_word_embeddings\": true").slots())
                .noneMatch(slot -> slot.tensor().startsWith("lm_head"))
                .doesNotHaveDuplicates();
    }

    @Test
    void linearsOfABlockComeInForwardOrder() {
        assertThat(describe("qwen3", "\"head_dim\": 16").blocks().getLast().linears().stream()
                        .map(Decoder.Linear::name))
                .containsExactly(
                        "model.layers.1.self_attn.q_proj",
                        "model.layers.1.self_attn.k_proj",
                        "model.layers.1.self_attn.v_proj",
                        "model.layers.1.self_attn.o_proj",
                        "model.layers.1.mlp.gate_proj",
                        "model.layers.1.mlp.up_proj",
                        "model.layers.1.mlp.down_proj");
    }

    @Test
    void biasesFollowTheConfig() {
        assertThat(describe("llama", "\"attention_bias\": true, \"mlp_bias\": true")
                        .blocks()
                        .getFirst()
                        .linears())
                .allMatch(linear -> linear.bias().isPresent());
        assertThat(describe("llama", "\"hidden_act\": \"silu\"")
                        .blocks()
                        .getFirst()
                        .linears())
                .allMatch(linear -> linear.bias().isEmpty());
    }

    @Test
    void weightsOfTheBareModelHaveNoPrefix() {
        Decoder decoder = Families.describe(
                config("llama", "\"tie_word_embeddings\": false"), Set.of("embed_tokens.weight", "norm.weight"));
        assertThat(decoder.slots().stream().map(Slot::tensor))
                .contains("embed_tokens.weight", "layers.0.mlp.up_proj.weight", "norm.weight", "lm_head.weight");
    }

    @Test
    void anUnknownActivationIsRefused() {
        assertThatThrownBy(() -> describe("llama", "\"hidden_act\": \"silo\""))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("hidden_act: unknown activation \"silo\"; did you mean \"silu\"?");
    }

    @Test
    void oldAndNewSpellingOfRotaryPositionsAreEqual() {
        Rotary stretched = new Rotary(500_000, 16, new Scaling.ByWavelength(8, 1, 4, 1024), Decoder.Pairing.HALVES);
        String scaling = "\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
                + " \"original_max_position_embeddings\": 1024, \"rope_type\": \"llama3\"";
        assertThat(rotary("\"rope_parameters\": {\"rope_theta\": 500000.0, " + scaling + "}"))
                .isEqualTo(stretched);
        assertThat(rotary("\"rope_theta\": 500000.0, \"rope_scaling\": {" + scaling + "}"))
                .isEqualTo(stretched);
    }

    @Test
    void rotaryPositionsDefaultToTheUsualBase() {
        assertThat(rotary("\"rope_scaling\": null"))
                .isEqualTo(new Rotary(10_000, 16, new Scaling.None(), Decoder.Pairing.HALVES));
    }

    @Test
    void theOldestSpellingSaysTypeForRopeType() {
        assertThat(rotary("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}")
                        .scaling())
                .isEqualTo(new Scaling.Linear(4));
        assertThat(rotary("\"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 2.0}")
                        .scaling())
                .isEqualTo(new Scaling.Dynamic(2, 64));
    }

    /// Amplitudes as `modeling_rope_utils.py` of transformers 5.18 computes them.
    @Test
    void yarnScalesCosinesByTheLogarithmOfItsFactor() {
        assertThat(rotary("\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0,"
                                + " \"original_max_position_embeddings\": 1024}")
                        .scaling())
                .isEqualTo(new Scaling.Yarn(4, 32, 1, true, 1024, 1.138629436111989));
        assertThat(rotary("\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 8.0, \"beta_fast\": 16,"
                                + " \"beta_slow\": 2, \"truncate\": false, \"mscale\": 1.0, \"mscale_all_dim\": 0.5,"
                                + " \"original_max_position_embeddings\": 2048}")
                        .scaling())
                .isInstanceOfSatisfying(
                        Scaling.Yarn.class,
                        yarn -> assertThat(yarn.amplitude())
                                .isCloseTo(1.09417999, org.assertj.core.data.Offset.offset(1e-8)));
    }

    @Test
    void divisorsPerFrequencyTakeTheirLengthFromTheHead() {
        String lists = "\"short_factor\": [1, 1, 1, 1, 1, 1, 1, 1], \"long_factor\": [1, 2, 3, 4, 5, 6, 7, 8]";
        assertThat(rotary("\"original_max_position_embeddings\": 16, \"rope_scaling\": {\"type\": \"longrope\", "
                                + lists + "}")
                        .scaling())
                .isInstanceOfSatisfying(Scaling.PerFrequency.class, scaling -> {
                    assertThat(scaling.trained()).isEqualTo(16);
                    assertThat(scaling.amplitude()).isCloseTo(1.22474487, org.assertj.core.data.Offset.offset(1e-8));
                });
        assertThatThrownBy(() -> rotary("\"rope_scaling\": {\"type\": \"longrope\", \"short_factor\": [1, 2],"
                        + " \"long_factor\": [1, 2]}"))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("short_factor: expected a list of 8, half the 16 features that turn");
    }

    @Test
    void anUnknownRopeTypeIsRefused() {
        assertThatThrownBy(() -> rotary("\"rope_scaling\": {\"rope_type\": \"liner\", \"factor\": 2}"))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("unknown rope type \"liner\"; did you mean \"linear\"?");
    }

    @Test
    void layersSlideByTheFamilysRuleUnlessListed() {
        String gemma = "\"query_pre_attn_scalar\": 16, \"sliding_window\": 8";
        assertThat(window(describe("gemma2", gemma), 0)).isEqualTo(8);
        assertThat(window(describe("gemma2", gemma), 1)).isEqualTo(Integer.MAX_VALUE);
        Decoder listed = describe("gemma2", gemma + ", \"layer_types\": [\"full_attention\", \"sliding_attention\"]");
        assertThat(window(listed, 0)).isEqualTo(Integer.MAX_VALUE);
        assertThat(window(listed, 1)).isEqualTo(8);
    }

    @Test
    void layersThatSeeEverythingTurnByABaseOfTheirOwn() {
        String old = "\"query_pre_attn_scalar\": 16, \"sliding_window\": 8, \"sliding_window_pattern\": 2,"
                + " \"rope_local_base_freq\": 10000.0, \"rope_theta\": 1000000.0,"
                + " \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 8.0}";
        String listed = "\"query_pre_attn_scalar\": 16, \"sliding_window\": 8,"
                + " \"layer_types\": [\"sliding_attention\", \"full_attention\"], \"rope_parameters\": {"
                + "\"sliding_attention\": {\"rope_theta\": 10000.0, \"rope_type\": \"default\"}, \"full_attention\": "
                + "{\"rope_theta\": 1000000.0, \"rope_type\": \"linear\", \"factor\": 8.0}}";
        for (String spelling : List.of(old, listed)) {
            Decoder decoder = describe("gemma3_text", spelling);
            assertThat(window(decoder, 0)).isEqualTo(8);
            assertThat(attention(decoder, 0).position())
                    .isEqualTo(new Rotary(10_000, 16, new Scaling.None(), Decoder.Pairing.HALVES));
            assertThat(window(decoder, 1)).isEqualTo(Integer.MAX_VALUE);
            assertThat(attention(decoder, 1).position())
                    .isEqualTo(new Rotary(1_000_000, 16, new Scaling.Linear(8), Decoder.Pairing.HALVES));
        }
    }

    private static int window(Decoder decoder, int layer) {
        return attention(decoder, layer).window();
    }

    private static Decoder.Attention attention(Decoder decoder, int layer) {
        return (Decoder.Attention) decoder.blocks().get(layer).attention().work();
    }

    private static Rotary rotary(String more) {
        Decoder decoder = describe("llama", more);
        return (Rotary) attention(decoder, 0).position();
    }

    private static Decoder describe(String type, String more) {
        return Families.describe(config(type, more), Set.of());
    }

    private static org.lewis.document.Node config(String type, String more) {
        return Json.parse("config.json", "{\"model_type\": \"" + type + "\", " + SIZES + ", " + more + "}");
    }
}
