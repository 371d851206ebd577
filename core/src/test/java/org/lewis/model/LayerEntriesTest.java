package org.lewis.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// What a config says of layers after they have been renumbered.
class LayerEntriesTest {

    private List<String> remarks;

    @SuppressWarnings("unchecked")
    private Map<String, Object> renumbered(String config, Integer... origins) {
        Node node = Json.parse("config.json", config);
        Map<String, Object> members = (Map<String, Object>) node.plain();
        remarks = LayerEntries.renumber(node, Set.of(), members, Modules.WHOLE, List.of(origins));
        return members;
    }

    @ParameterizedTest
    @ValueSource(strings = {"num_hidden_layers", "n_layer", "num_layers", "n_layers"})
    void everyFamilysWordForTheNumberOfLayersIsKnown(String key) {
        assertThat(renumbered("{\"" + key + "\": 2}", 0, 1, 0)).isEqualTo(Map.of(key, 3L));
        assertThat(remarks).isEmpty();
    }

    @Test
    void aConfigWithoutThatNumberIsRemarkedOn() {
        assertThat(renumbered("{\"depth_of_model\": 2}", 0, 1, 0)).isEqualTo(Map.of("depth_of_model", 2L));
        assertThat(remarks).containsExactly("config.json names no number of layers for default; it has 3 now");
    }

    @Test
    void listsWithAnEntryForEachLayerFollowTheLayers() {
        assertThat(renumbered("""
            {"n_layer": 3, "layer_types": ["a", "b", "c"], "no_rope_layers": [1, 1, 0], "intermediate_size": [5, 6, 7],
             "eos_token_id": [1, 2, 3]}\
            """, 2, 0, 0, 1))
                .isEqualTo(Map.of(
                        "n_layer", 4L,
                        "layer_types", List.of("c", "a", "a", "b"),
                        "no_rope_layers", List.of(0L, 1L, 1L, 1L),
                        "intermediate_size", List.of(7L, 5L, 5L, 6L),
                        "eos_token_id", List.of(1L, 2L, 3L)));
    }

    @Test
    void listsOfLayerNumbersNameTheNewNumbers() {
        assertThat(renumbered("{\"n_layer\": 3, \"mlp_only_layers\": [0, 2]}", 1, 2, 0, 1, 0))
                .containsEntry("mlp_only_layers", List.of(1L, 2L, 4L));
        assertThat(renumbered("{\"n_layer\": 3, \"mlp_only_layers\": []}", 1, 2))
                .containsEntry("mlp_only_layers", List.of());
    }

    @Test
    void aBoundMovesWithTheLayers() {
        assertThat(renumbered("{\"n_layer\": 4, \"first_k_dense_replace\": 2}", 0, 2, 3))
                .containsEntry("first_k_dense_replace", 1L);
        assertThat(remarks).isEmpty();
    }

    @Test
    void aBoundThatNoLongerIsOneIsRemarkedOn() {
        renumbered("{\"n_layer\": 4, \"first_k_dense_replace\": 2}", 0, 2, 1, 3);
        assertThat(remarks)
                .containsExactly(
                        "config.json says by `first_k_dense_replace` that the first layers are of another kind,"
                                + " but those that are do not stand together now; check it");
    }

    /// Every second layer of Gemma 2 sees a window only; its config does not say which.
    @Test
    void whatAFamilysRuleSaysOfLayersIsWrittenDown() {
        Map<String, Object> members = renumbered("""
            {"model_type": "gemma2", "num_hidden_layers": 4, "hidden_size": 8, "intermediate_size": 16, "head_dim": 4,
             "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 10, "sliding_window": 3,
             "query_pre_attn_scalar": 4, "rms_norm_eps": 1e-6, "max_position_embeddings": 64}\
            """, 1, 1, 2);
        assertThat(members)
                .containsEntry("num_hidden_layers", 3L)
                .containsEntry("layer_types", List.of("full_attention", "full_attention", "sliding_attention"));
        assertThat(remarks).isEmpty();
    }

    @Test
    void aRuleOfAnUnknownFamilyIsRemarkedOn() {
        renumbered("{\"model_type\": \"unknown\", \"n_layer\": 4, \"sliding_window_pattern\": 2}", 0, 0, 1, 2);
        assertThat(remarks)
                .containsExactly(
                        "config.json says `sliding_window_pattern` of layers by their numbers, which are others"
                                + " now; check it");
    }
}
