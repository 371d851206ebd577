package org.lewis.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;

class TokenIdsTest {

    private static final Path MODEL = Path.of("..", "examples", "models", "base");

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("ids.json"), text);
    }

    @Test
    void listsOfListsAreRead() throws IOException {
        assertThat(TokenIds.read(file("[[1, 2], [3]]"))).containsExactly(new int[] {1, 2}, new int[] {3});
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        []           | :1:1: expected at least one sequence of token ids, found a list of 0
        [[1], []]    | :1:7: [1]: expected at least one token id, found a list of 0
        [[1, -1]]    | :1:6: [0][1]: expected a whole number from 0 to 2147483647, found -1
        [[1.5]]      | :1:3: [0][0]: expected a whole number, found 1.5
        [1, 2]       | :1:2: [0]: expected a list of token ids, found 1
        {}           | :1:1: expected a list of lists of token ids, found a mapping of 0
        [[1]         | ':1:5: not valid JSON: Unexpected end-of-input: expected close marker for Array'
        """)
    void anythingElseIsRefused(String text, String message) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> TokenIds.read(file))
                .isInstanceOf(DocumentException.class)
                .hasMessage(file + message);
    }

    @Test
    void linesOfJsonAreRefusedWithWhatToDo() throws IOException {
        Path lists = file("[1, 2]\n\n[3]\n");
        assertThatThrownBy(() -> TokenIds.read(lists))
                .isInstanceOf(DocumentException.class)
                .hasMessage(lists + ":1:1: expected one list of lists of token ids, found JSONL; put the lists of all"
                        + " lines into one: [[1, 2], [3]]");
        Path rows = file("{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
        assertThatThrownBy(() -> TokenIds.read(rows))
                .isInstanceOf(DocumentException.class)
                .hasMessage(rows + ":1:1: expected one list of lists of token ids, found JSONL; rows of text are no"
                        + " token ids");
    }

    @Test
    void textsAreCutToTheLengthAskedFor() throws IOException {
        List<int[]> whole = TokenIds.encode(List.of("one two three four", "five"), MODEL, 512);
        List<int[]> cut = TokenIds.encode(List.of("one two three four", "five"), MODEL, 3);

        assertThat(cut.get(0)).containsExactly(java.util.Arrays.copyOf(whole.get(0), 3));
        assertThat(whole.get(0).length).isGreaterThan(3);
        assertThat(cut.get(1).length).isEqualTo(Math.min(3, whole.get(1).length));
    }

    @Test
    void aTextThatGivesNoTokenIsRefused() {
        assertThatThrownBy(() -> TokenIds.encode(List.of("five", ""), MODEL, 512))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("the calibration text \"\" has no token");
    }

    @Test
    void onlyJsonListsOfListsLookLikeIds() throws IOException {
        assertThat(TokenIds.isTokenIds(file("[[1]]"))).isTrue();
        assertThat(TokenIds.isTokenIds(file("[1]"))).isFalse();
        assertThat(TokenIds.isTokenIds(file("{}"))).isFalse();
        assertThat(TokenIds.isTokenIds(file("[["))).isFalse();
        assertThat(TokenIds.isTokenIds(folder.resolve("none.json"))).isFalse();
        assertThat(TokenIds.isTokenIds(Files.writeString(folder.resolve("a.jsonl"), "[[1]]")))
                .isFalse();
    }
}
