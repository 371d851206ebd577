package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.Checkpoint;

/// Every family against transformers, in float32, as a whole and block by block.
final class GoldenForwardTest {

    private static final double LIMIT = 4e-6; // measured: 8.5e-7 of the largest magnitude

    static Stream<String> families() throws IOException {
        return Golden.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void logitsAndInputsOfAllLinearsEqualTheReference(String family) throws IOException {
        Golden golden = Golden.read(family);
        InputSquares squares = new InputSquares();
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32);
                Arena arena = Arena.ofConfined()) {
            float[] logits = model.logits(golden.ids(), squares, arena).floats();
            assertThat(Golden.error(logits, golden.logits())).isLessThan(LIMIT);
        }
        assertEqual(squares.byLinear, golden);
    }

    @ParameterizedTest
    @MethodSource("families")
    void theBlockStreamShowsTheSameInputs(String family) throws IOException {
        Golden golden = Golden.read(family);
        assertEqual(inputSquares(golden, Precision.FLOAT32), golden);
    }

    /// Values are rounded to steps of 2^-8 between all operations. Errors are shares of the largest sum of a linear.
    @ParameterizedTest
    @MethodSource("families")
    void inBfloat16InputsAreOffByWhatRoundingExplains(String family) throws IOException {
        Golden golden = Golden.read(family);
        Map<String, float[]> found = inputSquares(golden, Precision.BFLOAT16);
        golden.inputSquares().forEach((linear, expected) -> {
            double error = Golden.error(found.get(linear), expected);
            assertThat(error).as(linear).isLessThan(0.04); // measured: at most 0.023
        });
    }

    private static Map<String, float[]> inputSquares(Golden golden, Precision precision) throws IOException {
        InputSquares squares = new InputSquares();
        try (Checkpoint checkpoint = Checkpoint.open(golden.folder())) {
            BlockStream.run(
                    checkpoint,
                    LanguageModel.describe(checkpoint),
                    precision,
                    golden.ids(),
                    (_, _) -> squares,
                    BlockStream.Progress.NONE);
        }
        return squares.byLinear;
    }

    private static void assertEqual(Map<String, float[]> found, Golden golden) {
        assertThat(found).containsKeys(golden.inputSquares().keySet().toArray(String[]::new));
        Map<String, Double> wrong = new TreeMap<>();
        golden.inputSquares().forEach((linear, expected) -> {
            double error = Golden.error(found.get(linear), expected);
            if (!(error < LIMIT)) {
                wrong.put(linear, error);
            }
        });
        assertThat(wrong).isEmpty();
    }
}
