package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.Checkpoint;

/// A model that runs block by block computes what it does as a whole, and batches what single sequences do.
class StreamedModelTest {

    private static final long PLENTY = 1 << 30;

    @TempDir
    Path folder;

    static Stream<String> families() throws IOException {
        return Golden.families();
    }

    /// What a model says when no more than so many bytes are allowed.
    private record Said(float[] logits, List<float[]> scores, List<List<int[]>> texts) {}

    private Said said(Golden golden, Precision precision, long memory) throws IOException {
        Resources resources = new Resources(Device.CPU, memory, folder);
        try (Checkpoint checkpoint = Checkpoint.open(golden.folder());
                LanguageModel model = LanguageModel.open(checkpoint, precision, resources);
                Arena arena = Arena.ofConfined()) {
            assertThat(model.isStreamed()).isEqualTo(memory < PLENTY);
            int[] first = golden.ids().getFirst();
            int[] last = golden.ids().getLast();
            List<float[]> scores = new ArrayList<>();
            model.logProbabilities(
                    List.of(List.of(Arrays.copyOf(first, 7), last), List.of(first)),
                    (_, ofBatch) -> scores.addAll(ofBatch));
            List<List<int[]>> texts = new ArrayList<>();
            model.generate(
                    List.of(continuation(4, Arrays.copyOf(first, 5), last), continuation(6, first)),
                    (_, generated) -> texts.add(generated.texts()));
            return new Said(model.logits(golden.ids(), arena).floats(), scores, texts);
        }
    }

    private static Continuation continuation(int tokens, int[]... prompts) {
        return new Continuation(
                List.of(prompts), new GenerationLimits(tokens, Set.of()), Sampling.GREEDY, StopCondition.NONE);
    }

    @ParameterizedTest
    @MethodSource("families")
    void blockByBlockTheNumbersAreTheSame(String family) throws IOException {
        Golden golden = Golden.read(family);
        assertThat(said(golden, Precision.FLOAT32, 0))
                .usingRecursiveComparison()
                .isEqualTo(said(golden, Precision.FLOAT32, PLENTY));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void soTheyAreInEveryPrecisionAndWithSomeActivationsInMemory(Precision precision) throws IOException {
        Golden golden = Golden.read("gemma2");
        Said whole = said(golden, precision, PLENTY);
        for (long memory : new long[] {0, 3000, 60_000}) {
            assertThat(said(golden, precision, memory))
                    .usingRecursiveComparison()
                    .isEqualTo(whole);
        }
    }

    @Test
    void theLimitDecidesWhetherWeightsStayTogether() {
        assertThat(new Resources(Device.CPU, 100, folder).hold(100)).isTrue();
        assertThat(new Resources(Device.CPU, 100, folder).hold(101)).isFalse();
        assertThat(Resources.standard().hold(1L << 30)).isTrue();
        assertThat(Resources.standard().hold(1L << 60)).isFalse();
        assertThat(new Resources(Device.CPU, 100, folder).besides(40)).isEqualTo(60);
        assertThat(new Resources(Device.CPU, 100, folder).besides(99)).isEqualTo(25);
        assertThat(new Resources(Device.CPU, 100, folder).besides(400)).isEqualTo(100);
        assertThat(Resources.standard().besides(40)).isEqualTo(Resources.STANDARD_MEMORY);
        assertThat(Resources.standard().besides(16L << 30)).isEqualTo(8L << 30);
    }

    @ParameterizedTest
    @MethodSource("families")
    void sequencesOfABatchAreScoredAsIfAlone(String family) throws IOException {
        Golden golden = Golden.read(family);
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            List<int[]> sequences = new ArrayList<>(golden.ids());
            for (int length : new int[] {1, 13, 2, 19}) {
                sequences.add(Arrays.copyOf(golden.ids().getLast(), length));
            }
            List<List<Integer>> batches = model.batches(sequences, 4);
            assertThat(batches.stream().flatMap(List::stream)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
            model.logProbabilities(
                    batches.stream()
                            .map(batch -> batch.stream().map(sequences::get).toList())
                            .toList(),
                    (at, found) -> {
                        for (int row = 0; row < found.size(); row++) {
                            float[] alone = model.logProbabilities(
                                    sequences.get(batches.get(at).get(row)));
                            // measured: at most 3e-6
                            assertThat(found.get(row)).containsExactly(alone, within(2e-5f));
                        }
                    });
        }
    }

    @Test
    void batchesHoldLikeLengthsAndNotTooManyTokens() throws IOException {
        try (LanguageModel model = LanguageModel.open(Golden.read("llama").folder(), Precision.FLOAT32)) {
            List<int[]> sequences =
                    Stream.of(900, 30, 1100, 20, 10, 1000, 3000).map(int[]::new).toList();
            assertThat(model.batches(sequences, 2))
                    .containsExactly(List.of(4, 3), List.of(1, 0), List.of(5), List.of(2), List.of(6));
            assertThat(model.batches(sequences, 1)).hasSize(7);
            assertThat(model.batches(List.of(), 5)).isEmpty();
        }
    }
}
