package org.lewis.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class NameMatchTest {

    private static final Set<String> LLAMA =
            Set.of("model.embed_tokens.weight", "model.layers.0.a.weight", "model.layers.1.a.weight", "lm_head.weight");

    @Test
    void equalNamesAndForeignOnesMatchNothing() {
        assertThat(NameMatch.between(LLAMA, LLAMA)).isEqualTo(NameMatch.EQUAL);
        assertThat(NameMatch.between(Set.of("encoder.block.0.b"), LLAMA)).isEqualTo(NameMatch.EQUAL);
    }

    @Test
    void onePrefixMayStandForAnother() {
        Set<String> gpt = Set.of("transformer.layers.0.a.weight", "transformer.layers.1.a.weight", "lm_head.weight");
        NameMatch match = NameMatch.between(gpt, LLAMA);
        assertThat(match).isEqualTo(new NameMatch("transformer.", "model."));
        assertThat(match.inWords()).isEqualTo("\"transformer.\" before its names is read as \"model.\"");
        assertThat(match.of("transformer.layers.1.a.weight", LLAMA)).isEqualTo("model.layers.1.a.weight");
        assertThat(match.of("lm_head.weight", LLAMA)).isEqualTo("lm_head.weight");
        assertThat(match.of("transformer.else", LLAMA)).isEqualTo("transformer.else");
    }

    @Test
    void aDeeperModelIsNotTakenForAnotherName() {
        assertThat(NameMatch.between(Set.of("model.layers.0.a.weight", "model.layers.7.a.weight"), LLAMA))
                .isEqualTo(NameMatch.EQUAL);
    }
}
