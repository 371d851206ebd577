package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Methods that look at whole models by their papers' definitions, against the tensors laid end to end as one.
class WholeModelsTest {

    /// Of several chunks, of one, of none, of one element, and of elements that are large against all others.
    private static final int[] SIZES = {Crew.CHUNK + 4001, 5000, 0, 1, 300};

    private static final int TOTAL = Arrays.stream(SIZES).sum();

    /// Noise that grows from tensor to tensor, in coarse steps so that many entries tie.
    private static float[] model(int seed) {
        float[] values = Merging.noise(TOTAL, seed);
        int at = 0;
        for (int tensor = 0; tensor < SIZES.length; tensor++) {
            for (int i = 0; i < SIZES[tensor]; i++, at++) {
                values[at] = Math.round(values[at] * 64) / 64f * (1 + tensor);
            }
        }
        return values;
    }

    private static final float[] ZERO = new float[TOTAL];
    private static final float[] MATH = model(1);
    private static final float[] CODE = model(2);

    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 0.001, 0.2, 0.5, 0.97, 1})
    void tiesOfWholeModelsIsTiesOfOneLongTensor(double density) {
        Merging merging = Merging.of("ties", 2).with("density", density, 0.3).with("weight", 1, 0.5);
        float[] asOne = merging.run(ZERO, MATH, CODE);
        assertThat(bits(inPieces(merging))).isEqualTo(bits(asOne));
    }

    @ParameterizedTest
    @ValueSource(strings = {"consensus_ties", "ramplus_tl", "pcb"})
    void soIsEveryOtherMethodThatNeedsWholeModels(String method) {
        Merging merging = Merging.of(method, 2);
        float[] expected = merging.run(ZERO, MATH, CODE);
        float[] found = inPieces(merging);
        for (int i = 0; i < TOTAL; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-6f));
        }
    }

    @Test
    void aThresholdOfEqualEntriesKeepsExactlyTheShare() {
        Merging merging = Merging.of("ties", 1).with("density", 0.25);
        float[] same = ZERO.clone();
        Arrays.fill(same, -3);
        float[] merged = inPieces(merging, same);
        assertThat(IntStream.range(0, TOTAL).filter(i -> merged[i] != 0).count())
                .isEqualTo(TOTAL / 4);
        assertThat(merged[TOTAL / 4 - 1]).isEqualTo(-3);
        assertThat(merged[TOTAL / 4]).isZero();
    }

    static List<String> methodsThatNeedThem() {
        return Methods.ALL_METHODS.stream()
                .filter(method -> method.needsWholeModels(Semantics.PAPER))
                .map(Method::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("methodsThatNeedThem")
    void forOneTensorBothDefinitionsAgree(String method) {
        Merging merging = Merging.of(method, 2);
        float[] base = Merging.noise(5000, 3);
        float[] math = Merging.tuned(base, 4);
        float[] code = Merging.tuned(base, 5);
        assertThat(bits(merging.with(Semantics.PAPER).run(base, math, code)))
                .isEqualTo(bits(merging.run(base, math, code)));
    }

    @ParameterizedTest
    @MethodSource("methodsThatNeedThem")
    void withoutThemNothingIsMerged(String method) {
        Settings settings = Merging.of(method, 1).with(Semantics.PAPER).settings("x");
        assertThatThrownBy(() -> Methods.named(method)
                        .orElseThrow()
                        .prepare(
                                ArrayInputs.of(new float[3], new float[3]), with(settings, "density", 0.5), Crew.ALONE))
                .hasMessage("x: the whole models are not known");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ties", "pcb"})
    void aDensityThatDependsOnTheTensorIsRefused(String method) {
        Settings half = with(Merging.of(method, 1).settings("a"), "density", 0.5);
        Settings third = with(Merging.of(method, 1).settings("b"), "density", 0.3);
        assertThatThrownBy(() -> Methods.named(method).orElseThrow().checkTogether(List.of(half, half, third)))
                .hasMessage(
                        "`semantics: paper` ranks the entries of whole models, so a model has one density; found 0.5"
                                + " for a and 0.3 for b");
    }

    private static Settings with(Settings settings, String parameter, double value) {
        Map<String, Double> changed = new java.util.HashMap<>(settings.models().getFirst());
        changed.put(parameter, value);
        return new Settings(
                settings.tensor(),
                settings.semantics(),
                settings.depth(),
                settings.merge(),
                List.of(changed),
                settings.drawKeys(),
                settings.guides());
    }

    private static float[] inPieces(Merging merging) {
        return inPieces(merging, MATH, CODE);
    }

    /// Merges by the paper's definition, tensor by tensor.
    private static float[] inPieces(Merging whole, float[]... models) {
        Merging merging = whole.with(Semantics.PAPER);
        List<ArrayInputs> inputs = new ArrayList<>();
        int at = 0;
        for (int size : SIZES) {
            int from = at;
            inputs.add(ArrayInputs.of(
                    Arrays.copyOfRange(ZERO, from, from + size),
                    Arrays.stream(models)
                            .map(model -> Arrays.copyOfRange(model, from, from + size))
                            .toArray(float[][]::new)));
            at += size;
        }
        List<Settings> settings = IntStream.range(0, SIZES.length)
                .mapToObj(i -> merging.settings("tensor" + i))
                .toList();
        Method method = merging.method().knowing(new WholeModels() {
            @Override
            public <T> List<T> each(Visitor<T> visitor) {
                return IntStream.range(0, SIZES.length)
                        .mapToObj(i -> visitor.visit(inputs.get(i), settings.get(i), Crew.ALONE))
                        .toList();
            }
        });
        float[] merged = new float[TOTAL];
        at = 0;
        for (int i = 0; i < SIZES.length; i++) {
            float[] piece = Merging.blended(method, inputs.get(i), settings.get(i), Crew.ALONE);
            System.arraycopy(piece, 0, merged, at, piece.length);
            at += piece.length;
        }
        return merged;
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }
}
