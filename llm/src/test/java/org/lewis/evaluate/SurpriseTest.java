package org.lewis.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SurpriseTest {

    @Test
    void partsOfOneLengthHaveTheErrorOfTheirMean() throws IOException {
        Surprise surprise = Surprise.of(new double[] {-1, -2, -3}, new long[] {2, 2, 2}, "data");
        double error = 0.5 / Math.sqrt(3); // of means 0.5, 1 and 1.5

        Score perplexity = surprise.perplexity("perplexity", surprise.tokens());
        assertThat(perplexity.value()).isCloseTo(Math.E, within(1e-12));
        assertThat(perplexity.standardError()).isCloseTo(Math.E * error, within(1e-12));
        assertThat(perplexity.count()).isEqualTo(6);
        Score bits = surprise.bits("bits_per_byte", 12);
        assertThat(bits.value()).isCloseTo(0.5 / Math.log(2), within(1e-12));
        assertThat(bits.standardError()).isCloseTo(error / 2 / Math.log(2), within(1e-12));
    }

    /// The bootstrap is lm-evaluation-harness's way.
    @Test
    void theErrorIsThatOfTheBootstrap() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        int parts = 200;
        long[] tokens = random.longs(parts, 20, 400).toArray();
        double[] logs = Arrays.stream(tokens)
                .mapToDouble(count -> -count * random.nextDouble(1, 4))
                .toArray();
        double[] resampled = new double[4000];
        for (int i = 0; i < resampled.length; i++) {
            int[] drawn = random.ints(parts, 0, parts).toArray();
            double sum = Arrays.stream(drawn).mapToDouble(part -> logs[part]).sum();
            resampled[i] = Math.exp(
                    -sum / Arrays.stream(drawn).mapToLong(part -> tokens[part]).sum());
        }
        double mean = Arrays.stream(resampled).average().orElseThrow();
        double deviation = Math.sqrt(Arrays.stream(resampled)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow());

        Surprise surprise = Surprise.of(logs, tokens, "data");
        assertThat(surprise.perplexity("perplexity", surprise.tokens()).standardError())
                .isCloseTo(deviation, within(0.05 * deviation));
    }

    @Test
    void onePartTellsNoErrorAndNoTokenIsRefused() throws IOException {
        Surprise one = Surprise.of(new double[] {-3, 0}, new long[] {2, 0}, "data");
        assertThat(one.perplexity("perplexity", 2)).isEqualTo(Score.withoutError("perplexity", Math.exp(1.5), 2));
        assertThatThrownBy(() -> Surprise.of(new double[] {0}, new long[] {0}, "data"))
                .isInstanceOf(IOException.class)
                .hasMessage("data: holds no token to predict");
    }
}
