package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.forward.Golden;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;

/// Log-likelihoods of every family, against the logits that transformers gives.
class LogSumsTest {

    static Stream<String> families() throws IOException {
        return Golden.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void logLikelihoodsAreThoseOfTheReferencesLogits(String family) throws IOException {
        Golden golden = Golden.read(family);
        int tokens = golden.ids().getFirst().length;
        List<int[]> sequences = List.of(
                golden.ids().getFirst(),
                golden.ids().getLast(),
                new int[] {3},
                Arrays.copyOf(golden.ids().getLast(), 9));
        List<Integer> given = List.of(1, tokens - 4, 1, 6);
        Reading reading = new Reading(sequences, List.of(0, 1, 2, 3), given, 0);
        double[] expected = {
            logLikelihood(golden, 0, 1, tokens),
            logLikelihood(golden, 1, tokens - 4, tokens),
            0,
            logLikelihood(golden, 1, 6, 9)
        };
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            for (int rows : new int[] {1, 3}) {
                LogSums sums = LogSums.of(model, reading, rows, SampleJournal.none(), _ -> {});
                // measured: at most 2e-5 of 19 predicted tokens
                assertThat(sums.logs()).containsExactly(expected, within(1e-4));
            }
        }
    }

    /// Of the tokens `[from, to)` after all before them.
    private static double logLikelihood(Golden golden, int row, int from, int to) {
        int[] ids = golden.ids().get(row);
        int vocabulary = golden.logits().length / (2 * ids.length);
        double sum = 0;
        for (int t = from; t < to; t++) {
            int start = (row * ids.length + t - 1) * vocabulary;
            float[] logits = Arrays.copyOfRange(golden.logits(), start, start + vocabulary);
            double total = 0;
            for (float logit : logits) {
                total += Math.exp(logit);
            }
            sum += logits[ids[t]] - Math.log(total);
        }
        return sum;
    }
}
