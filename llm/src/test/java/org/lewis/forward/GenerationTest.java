package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.kernel.Draws;

final class GenerationTest {

    private static final int NEW_TOKENS = 12;

    static Stream<String> families() throws IOException {
        return Golden.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void cachedGenerationEqualsWholePassesForEveryToken(String family) throws IOException {
        Golden golden = Golden.read(family);
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            int[] prompt = Arrays.copyOf(golden.ids().getFirst(), 9);
            assertThat(model.generate(List.of(prompt), limits()).getFirst()).containsExactly(uncached(model, prompt));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void promptsOfUnequalLengthsGiveWhatEachGivesAlone(String family) throws IOException {
        Golden golden = Golden.read(family);
        List<int[]> prompts = List.of(
                Arrays.copyOf(golden.ids().get(0), 3),
                golden.ids().get(0),
                Arrays.copyOf(golden.ids().get(1), 11),
                Arrays.copyOf(golden.ids().get(1), 1));
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            List<int[]> together = model.generate(prompts, limits());
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(together.get(i))
                        .containsExactly(model.generate(List.of(prompts.get(i)), limits())
                                .getFirst());
            }
        }
    }

    @Test
    void drawsFollowTheProbabilitiesOfTheLikeliest() throws IOException {
        Golden golden = Golden.read("llama");
        int[] prompt = Arrays.copyOf(golden.ids().getFirst(), 9);
        int draws = 4000;
        double temperature = 0.7;
        double topP = 0.6;
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32);
                Arena arena = Arena.ofConfined()) {
            int vocabulary = model.decoder().vocabulary();
            double[] expected = new double[vocabulary];
            float[] logits = model.logits(List.of(prompt), arena).floats();
            for (int i = 0; i < vocabulary; i++) {
                expected[i] = Math.exp(logits[8 * vocabulary + i] / temperature);
            }
            cutToTop(expected, topP);
            List<Long> keys = LongStream.range(0, draws)
                    .mapToObj(i -> Draws.key(3, "draws", "" + i))
                    .toList();
            List<int[]> texts = generate(
                            model,
                            new Continuation(
                                    Collections.nCopies(draws, prompt),
                                    new GenerationLimits(1, Set.of()),
                                    new Sampling.Nucleus(temperature, topP, keys),
                                    StopCondition.NONE))
                    .texts();
            double[] found = new double[vocabulary];
            texts.forEach(text -> found[text[0]] += 1.0 / draws);
            for (int i = 0; i < vocabulary; i++) {
                // Four standard deviations of a binomial share.
                double spread = 4 * Math.sqrt(expected[i] * (1 - expected[i]) / draws);
                assertThat(found[i]).as("token " + i).isBetween(expected[i] - spread, expected[i] + spread);
            }
        }
    }

    private static Generated generate(LanguageModel model, Continuation asked) throws IOException {
        Generated[] generated = new Generated[1];
        model.generate(List.of(asked), (_, found) -> generated[0] = found);
        return generated[0];
    }

    /// Keeps the fewest largest that reach the share together, and makes their sum 1.
    private static void cutToTop(double[] weights, double share) {
        double sum = Arrays.stream(weights).sum();
        double[] sorted = Arrays.stream(weights).sorted().toArray();
        double kept = 0;
        int last = sorted.length;
        while (kept < share * sum) {
            kept += sorted[--last];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weights[i] >= sorted[last] ? weights[i] / kept : 0;
        }
    }

    @Test
    void coldDrawsAreGreedyAndAConditionEndsATextEarly() throws IOException {
        Golden golden = Golden.read("llama");
        List<int[]> prompts = golden.ids();
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            List<int[]> greedy = model.generate(prompts, limits());
            Sampling cold = new Sampling.Nucleus(1e-6, 1, List.of(1L, 2L));
            Generated drawn = generate(
                    model,
                    new Continuation(prompts, limits(), cold, (prompt, tokens) -> prompt == 1 && tokens.size() == 3));

            assertThat(drawn.texts().get(0)).containsExactly(greedy.get(0));
            assertThat(drawn.texts().get(1)).containsExactly(Arrays.copyOf(greedy.get(1), 3));
            assertThat(drawn.promptNanos()).isPositive();
        }
    }

    @Test
    void aStopTokenEndsItsTextAndNoOther() throws IOException {
        Golden golden = Golden.read("llama");
        List<int[]> prompts = golden.ids();
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            List<int[]> free = model.generate(prompts, limits());
            int stop = free.get(0)[4];
            List<int[]> stopped = model.generate(prompts, new GenerationLimits(NEW_TOKENS, Set.of(stop)));
            for (int i = 0; i < prompts.size(); i++) {
                int[] text = free.get(i);
                int end = 0;
                while (end < text.length && text[end] != stop) {
                    end++;
                }
                assertThat(stopped.get(i)).containsExactly(Arrays.copyOf(text, end));
            }
        }
    }

    @Test
    void noNewTokensAreNone() throws IOException {
        Golden golden = Golden.read("llama");
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            assertThat(model.generate(golden.ids(), new GenerationLimits(0, Set.of())))
                    .containsExactly(new int[0], new int[0]);
        }
    }

    /// Dynamic scaling turns the first tokens otherwise once a text is longer than the trained context.
    @Test
    void textsThatOutgrowTheirRotationsAreRefused(@TempDir Path folder) throws IOException {
        ModelFiles.copy(Golden.root().resolve("llama"), folder).write();
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("\"rope_type\": \"default\"", "\"rope_type\": \"dynamic\", \"factor\": 2.0"));
        try (LanguageModel model = LanguageModel.open(folder, Precision.FLOAT32)) {
            assertThat(model.generate(List.of(new int[52]), limits()).getFirst())
                    .containsExactly(uncached(model, new int[52]));
            assertThatThrownBy(() -> model.generate(List.of(new int[53]), limits()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("texts of 53 to 65 tokens need different rotary frequencies in this model; generate"
                            + " fewer tokens, or prompts of different lengths one by one");
        }
    }

    @Test
    void anEmptyPromptIsRefused() throws IOException {
        Golden golden = Golden.read("llama");
        try (LanguageModel model = LanguageModel.open(golden.folder(), Precision.FLOAT32)) {
            assertThatThrownBy(() -> model.generate(List.of(new int[] {1}, new int[0]), limits()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("sequence 1 is empty");
        }
    }

    private static GenerationLimits limits() {
        return new GenerationLimits(NEW_TOKENS, Set.of());
    }

    private static int[] uncached(LanguageModel model, int[] prompt) throws IOException {
        List<Integer> text = new ArrayList<>();
        int[] ids = prompt;
        while (text.size() < NEW_TOKENS) {
            try (Arena arena = Arena.ofConfined()) {
                float[] logits = model.logits(List.of(ids), arena).floats();
                int vocabulary = model.decoder().vocabulary();
                int best = logits.length - vocabulary;
                for (int i = best; i < logits.length; i++) {
                    best = logits[i] > logits[best] ? i : best;
                }
                text.add(best - (logits.length - vocabulary));
            }
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = text.getLast();
        }
        return text.stream().mapToInt(Integer::intValue).toArray();
    }
}
