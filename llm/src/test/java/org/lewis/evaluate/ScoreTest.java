package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreTest {

    @Test
    void meanComesWithItsStandardError() {
        Score score = Score.mean("exact_match", 1, 0, 0, 1);
        assertThat(score.value()).isEqualTo(0.5);
        assertThat(score.standardError()).isCloseTo(Math.sqrt(1 / 3.0) / 2, within(1e-12));
        assertThat(score.count()).isEqualTo(4);
    }

    @Test
    void theErrorOfOneProblemIsNotKnown() {
        assertThat(Score.mean("pass@1", 1)).isEqualTo(Score.withoutError("pass@1", 1, 1));
    }

    @Test
    void noProblemsAreRefused() {
        assertThatThrownBy(() -> Score.mean("pass@1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pass@1: no problems to average");
    }

    @Test
    void generationsEndAtTheStopStringThatComesFirst() {
        List<String> stops = List.of("Question:", "</s>", "\n\n");
        assertThat(StopStrings.cut("42</s>\n\nQuestion: 1", stops)).isEqualTo("42");
        assertThat(StopStrings.cut("42", stops)).isEqualTo("42");
        assertThat(StopStrings.cut("Question:", stops)).isEmpty();
        assertThat(StopStrings.cut("42", List.of())).isEqualTo("42");
    }
}
