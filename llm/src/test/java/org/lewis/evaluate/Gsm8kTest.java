package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.document.Json;
import org.lewis.document.Node;

class Gsm8kTest {

    static List<Node> golden() throws IOException {
        return Json.read(Path.of("src/test/resources/goldens/gsm8k_extraction.json"))
                .sequence();
    }

    @ParameterizedTest
    @MethodSource("golden")
    void gradesAsTheHarnessDoes(Node row) {
        assertThat(Gsm8k.grade(row.get("generation").text(), row.get("target").text()))
                .isEqualTo(new Gsm8k.Grade(
                        row.get("strict").text(),
                        row.get("flexible").text(),
                        row.get("strict_match").integer() == 1,
                        row.get("flexible_match").integer() == 1));
    }

    @Test
    void strictTakesTheFirstAnswerAndFlexibleTheLastNumber() {
        assertThat(Gsm8k.grade("#### 5\n\nQuestion: 7 apples", "5")).isEqualTo(new Gsm8k.Grade("5", "7", true, false));
    }

    @Test
    void aMissingAnswerIsInvalidAndMatchesNothing() {
        assertThat(Gsm8k.grade("I do not know", "5"))
                .isEqualTo(new Gsm8k.Grade(Gsm8k.INVALID, Gsm8k.INVALID, false, false));
    }

    @Test
    void severalAnswersToAProblemCountAsOne() {
        List<Answer> answers = List.of(
                new Answer(0, 0, "", "#### 1", "", "", "#### 1"),
                new Answer(0, 1, "", "#### 1", "", "", "#### 2"),
                new Answer(1, 0, "", "#### 3", "", "", "#### 3"),
                new Answer(1, 1, "", "#### 3", "", "", "#### 3"));

        assertThat(new Gsm8k.Grading().judge(answers).scores().getFirst())
                .isEqualTo(new Score("strict_match", 0.75, 0.25, 2));
    }
}
