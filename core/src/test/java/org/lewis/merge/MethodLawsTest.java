package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What must hold of every method, or of a family of them, whatever the tensors are.
class MethodLawsTest {

    private static final int SIZE = 20_011;

    private static final float[] BASE = Merging.noise(SIZE, 1);
    private static final float[] MATH = Merging.tuned(BASE, 2);
    private static final float[] CODE = Merging.tuned(BASE, 3);
    private static final float[] CHAT = Merging.tuned(BASE, 4);

    static Stream<String> allMethods() {
        return Methods.names().stream();
    }

    static Stream<String> taskVectorMethods() {
        return allMethods()
                .filter(name -> Merging.of(name, 1).merge().containsKey("lambda"))
                .filter(name -> Methods.named(name).orElseThrow().demands().leastModels() == 1);
    }

    @ParameterizedTest
    @MethodSource("allMethods")
    void mergingAModelWithItselfGivesItBack(String method) {
        float[] model = withSpecials(BASE);
        for (double density : new double[] {0.3, 1}) {
            for (double weight : new double[] {1, 0.3, -2}) {
                Merging merging = Merging.of(method, 2).with("density", density).with("weight", weight, 0.7);
                assertThat(bits(merging.run(model, model, model))).isEqualTo(bits(model));
            }
        }
    }

    static Stream<String> methodsOfManyModels() {
        return allMethods()
                .filter(name -> Methods.named(name).orElseThrow().demands().mostModels() > 2)
                .filter(name -> !name.equals("cabs")); // the first to come has its pick
    }

    @ParameterizedTest
    @MethodSource("methodsOfManyModels")
    void theOrderOfTheModelsDoesNotMatter(String method) {
        Merging there = Merging.of(method, 3).with("weight", 0.5, 0.25, 0.125);
        Merging back = Merging.of(method, 3).with("weight", 0.125, 0.25, 0.5);
        assertClose(back.run(BASE, CHAT, CODE, MATH), there.run(BASE, MATH, CODE, CHAT), 1e-6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ties", "task_arithmetic"})
    void theOrderOfTheModelsDoesNotMatterWhenPruned(String method) {
        Merging there = Merging.of(method, 2).with("density", 0.2, 0.6).with("weight", 0.5, 0.75);
        Merging back = Merging.of(method, 2).with("density", 0.6, 0.2).with("weight", 0.75, 0.5);
        assertClose(back.run(BASE, CODE, MATH), there.run(BASE, MATH, CODE), 1e-6);
    }

    @Test
    void aDensityOfOneIsTaskArithmetic() {
        float[] expected =
                Merging.of("task_arithmetic", 2).with("weight", 0.5, 0.3).run(BASE, MATH, CODE);
        Merging dare = Merging.of("dare_linear", 2).with("weight", 0.5, 0.3).with("density", 1);
        assertThat(bits(dare.run(BASE, MATH, CODE))).isEqualTo(bits(expected));
    }

    @ParameterizedTest
    @MethodSource("taskVectorMethods")
    void oneModelAtDensityOneIsTaskArithmetic(String method) {
        float[] expected = Merging.of("task_arithmetic", 1).run(BASE, MATH);
        Merging merging = Merging.of(method, 1).with("density", 1).with("n", 256);
        assertThat(bits(merging.run(BASE, MATH))).isEqualTo(bits(expected));
    }

    @ParameterizedTest
    @MethodSource("taskVectorMethods")
    void lambdaScalesWhatIsAddedToTheBase(String method) {
        Merging merging = Merging.of(method, 2).with("density", 0.5);
        float[] once = merging.run(BASE, MATH, CODE);
        float[] twice = merging.with("lambda", 2).run(BASE, MATH, CODE);
        float[] never = merging.with("lambda", 0).run(BASE, MATH, CODE);
        assertThat(bits(never)).isEqualTo(bits(BASE));
        for (int i = 0; i < SIZE; i++) {
            assertThat((double) twice[i] - BASE[i]).isCloseTo(2.0 * (once[i] - BASE[i]), within(2e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "nuslerp", "multislerp", "ties", "task_arithmetic", "dare_ties", "della"})
    void theScaleOfNormalizedWeightsDoesNotMatter(String method) {
        Merging merging = Merging.of(method, 2).with("density", 0.5).with("normalize", 1);
        float[] once = merging.with("weight", 0.5, 0.75).run(BASE, MATH, CODE);
        float[] scaled = merging.with("weight", 4, 6).run(BASE, MATH, CODE);
        assertClose(scaled, once, 1e-6);
    }

    @ParameterizedTest
    @MethodSource("taskVectorMethods")
    void theScaleOfOtherWeightsIsThatOfTheTaskVector(String method) {
        Merging merging = Merging.of(method, 2).with("density", 0.5).with("normalize", 0);
        float[] scaled = merging.with("weight", 1, 1.5).run(BASE, MATH, CODE);
        float[] expected = merging.with("weight", 0.5, 0.75).with("lambda", 2).run(BASE, MATH, CODE);
        assertClose(scaled, expected, 2e-6);
    }

    @Test
    void taskArithmeticAddsTheWeightedTaskVectors() {
        float[] merged =
                Merging.of("task_arithmetic", 2).with("weight", 0.5, -0.25).run(BASE, MATH, CODE);
        for (int i = 0; i < SIZE; i++) {
            double expected = BASE[i] + 0.5 * (MATH[i] - BASE[i]) - 0.25 * (CODE[i] - BASE[i]);
            assertThat((double) merged[i]).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void linearIsTheWeightedMeanOrSum() {
        Merging mean = Merging.of("linear", 2).with("weight", 1, 3);
        float[] merged = mean.run(BASE, MATH, CODE);
        float[] sum = mean.with("normalize", 0).run(BASE, MATH, CODE);
        for (int i = 0; i < SIZE; i++) {
            assertThat((double) sum[i]).isCloseTo(MATH[i] + 3.0 * CODE[i], within(2e-6));
            assertThat((double) merged[i]).isCloseTo((MATH[i] + 3.0 * CODE[i]) / 4, within(1e-6));
        }
    }

    @Test
    void linearRefusesAMeanOverNoWeight() {
        Merging merging = Merging.of("linear", 2).with("weight", 1, -1);
        assertThatThrownBy(() -> merging.run(BASE, MATH, CODE))
                .hasMessage("the weights add up to 0.0, so there is no mean; set `normalize: false` for their sum");
    }

    @ParameterizedTest
    @MethodSource("allMethods")
    void aNaNStaysWhereItStands(String method) {
        for (double density : new double[] {0.5, 1}) {
            for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                Merging merging = Merging.of(method, 2).with("density", density);
                float[] model = MATH.clone();
                for (int i = 0; i < 40; i++) {
                    model[i * 500] = broken;
                }
                float[] merged = merging.run(BASE, model, CODE);
                for (int i = 0; i < SIZE; i++) {
                    assertThat(Float.isFinite(merged[i])).as("entry " + i).isEqualTo(Float.isFinite(model[i]));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("allMethods")
    void tensorsOfNoneOrOneElementAreMerged(String method) {
        for (double density : new double[] {1e-6, 0.5, 1}) {
            Merging merging = Merging.of(method, 2)
                    .with("density", density)
                    .with("epsilon", 1e-7)
                    .with("normalize", 1);
            assertThat(merging.run(new float[0], new float[0], new float[0])).isEmpty();
            float[] merged = merging.run(new float[] {1}, new float[] {2}, new float[] {2});
            assertThat(merged).hasSize(1);
            assertThat(merged[0]).isBetween(1f, 1e7f);
        }
    }

    @ParameterizedTest
    @MethodSource("allMethods")
    void zeroTensorsStayZero(String method) {
        Merging merging = Merging.of(method, 2).with("density", 0.5);
        float[] zero = new float[1000];
        assertThat(bits(merging.run(zero, zero, zero))).isEqualTo(bits(zero));
    }

    @Test
    void tiesRescaledKeepsTheMagnitudeOfTheTaskVector() {
        float[] merged =
                Merging.of("ties", 1).with("density", 0.2).with("rescale", 1).run(BASE, MATH);
        assertThat(magnitude(merged)).isCloseTo(magnitude(MATH), within(1e-4 * magnitude(MATH)));
    }

    @Test
    void methodsThatShareAStageAgreeOnIt() {
        Crew crew = Crew.ALONE;
        float[] merged = Merging.of("ties", 1).with("density", 0.2).run(crew, BASE, MATH);
        List<Integer> kept = Stream.iterate(0, i -> i + 1)
                .limit(SIZE)
                .filter(i -> merged[i] != BASE[i])
                .toList();
        assertThat(kept.size()).isLessThanOrEqualTo(SIZE / 5).isGreaterThan(SIZE / 5 - 50);
    }

    private static double magnitude(float[] model) {
        double sum = 0;
        for (int i = 0; i < model.length; i++) {
            sum += Math.abs(model[i] - BASE[i]);
        }
        return sum;
    }

    private static float[] withSpecials(float[] values) {
        float[] special = values.clone();
        special[0] = -0f;
        special[77] = -0f;
        special[78] = 0f;
        special[79] = Float.MIN_VALUE;
        special[80] = Float.MAX_VALUE;
        return special;
    }

    private static void assertClose(float[] found, float[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }
}
