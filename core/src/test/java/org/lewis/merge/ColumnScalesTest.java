package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.merge.ColumnScales.Within;

/// Scales of columns decide which entries of a task vector stay, and nothing else.
class ColumnScalesTest {

    private static final int ROWS = 37;
    private static final int COLUMNS = 211;
    private static final float[] BASE = Merging.noise(ROWS * COLUMNS, 1);
    private static final float[] MATH = Merging.tuned(BASE, 2);
    private static final float[] CODE = Merging.tuned(BASE, 3);

    static Stream<String> guidable() {
        return Methods.ALL_METHODS.stream().filter(Method::takesScales).map(Method::name);
    }

    private static float[] scales(int features, long seed) {
        float[] scales = Merging.noise(features, seed);
        for (int i = 0; i < features; i++) {
            scales[i] = scales[i] * scales[i];
        }
        return scales;
    }

    private static ColumnScales scales(boolean alongColumns, Within within, double density) {
        return ColumnScales.of(scales(alongColumns ? COLUMNS : ROWS, 9), alongColumns, within, density);
    }

    @ParameterizedTest
    @CsvSource({
        "true, TENSOR, 0.3",
        "true, OUTPUT, 0.3",
        "false, TENSOR, 0.3",
        "false, OUTPUT, 0.3",
        "true, TENSOR, 1e-9",
        "true, OUTPUT, 1e-9",
        "false, OUTPUT, 1e-9",
        "true, OUTPUT, 1",
        "false, OUTPUT, 0.97"
    })
    void whatStaysIsWhatSortingByScaledMagnitudeKeeps(boolean alongColumns, Within within, double density) {
        float[] scale = scales(alongColumns ? COLUMNS : ROWS, 9);
        scale[5] = 0; // a feature that never fires
        float[] delta = Merging.noise(BASE.length, 7);
        for (int i = 0; i < delta.length; i += 3) {
            delta[i] = 0.25f; // ties within a feature
        }
        float[] kept = Merging.of("task_arithmetic", 1)
                .inRowsOf(COLUMNS)
                .guidedBy(ColumnScales.of(scale, alongColumns, within, density))
                .run(new float[delta.length], delta);

        double[] score = new double[delta.length];
        for (int i = 0; i < score.length; i++) {
            float s = scale[alongColumns ? i % COLUMNS : i / COLUMNS];
            score[i] = Math.abs(delta[i]) * (s == 0 ? 1e-19 : s);
        }
        boolean[] expected = new boolean[delta.length];
        for (int[] group : groups(alongColumns, within)) {
            Integer[] order = Arrays.stream(group).boxed().toArray(Integer[]::new);
            Arrays.sort(order, Comparator.comparingDouble(i -> -score[i]));
            for (int i = 0; i < Math.max(1, (long) (density * group.length)); i++) {
                expected[order[i]] = true;
            }
        }
        for (int i = 0; i < delta.length; i++) {
            assertThat(kept[i]).as("entry " + i).isEqualTo(expected[i] ? delta[i] : 0);
        }
    }

    private static List<int[]> groups(boolean alongColumns, Within within) {
        if (within == Within.TENSOR) {
            return List.of(IntStream.range(0, BASE.length).toArray());
        }
        return alongColumns
                ? IntStream.range(0, ROWS)
                        .mapToObj(row -> IntStream.range(row * COLUMNS, (row + 1) * COLUMNS)
                                .toArray())
                        .toList()
                : IntStream.range(0, COLUMNS)
                        .mapToObj(column -> IntStream.range(0, ROWS)
                                .map(row -> row * COLUMNS + column)
                                .toArray())
                        .toList();
    }

    @ParameterizedTest
    @CsvSource({"ties, 0.3", "breadcrumbs, 0.3"})
    void scalesThatAreAllEqualChangeNothing(String method, double density) {
        ColumnScales equal = ColumnScales.of(filled(COLUMNS, 3), true, Within.TENSOR, density);
        Merging plain = Merging.of(method, 2).inRowsOf(COLUMNS).with("density", density);
        assertThat(plain.guidedBy(equal).run(BASE, MATH, CODE)).containsExactly(plain.run(BASE, MATH, CODE));
    }

    @ParameterizedTest
    @MethodSource("guidable")
    void atDensityOneNothingIsDropped(String method) {
        Merging plain = Merging.of(method, 2).inRowsOf(COLUMNS).with("density", 1);
        assertThat(plain.guidedBy(scales(true, Within.OUTPUT, 1)).run(BASE, MATH, CODE))
                .containsExactly(plain.run(BASE, MATH, CODE));
    }

    @Test
    void dareKeepsTheImportantAndMakesUpForTheRest() {
        Merging dare = Merging.of("dare_linear", 1)
                .inRowsOf(COLUMNS)
                .with(Semantics.PAPER)
                .guidedBy(scales(true, Within.TENSOR, 0.25));
        float[] kept = Merging.of("task_arithmetic", 1)
                .inRowsOf(COLUMNS)
                .guidedBy(scales(true, Within.TENSOR, 0.25))
                .run(BASE, MATH);
        float[] rescaled = dare.run(BASE, MATH);
        for (int i = 0; i < kept.length; i++) {
            assertThat((double) rescaled[i] - BASE[i]).isCloseTo(4.0 * (kept[i] - BASE[i]), within(2e-6));
        }
    }

    @ParameterizedTest
    @MethodSource("guidable")
    void everyNumberOfThreadsGivesTheSameBits(String method) {
        int columns = 3001;
        int size = 2 * Crew.CHUNK / columns * columns + 5 * columns;
        float[] base = Merging.noise(size, 1);
        float[] math = Merging.tuned(base, 2);
        float[] code = Merging.tuned(base, 3);
        for (Within within : Within.values()) {
            Merging merging = Merging.of(method, 2)
                    .inRowsOf(columns)
                    .guidedBy(ColumnScales.of(scales(columns, 9), true, within, 0.3));
            float[] expected = merging.run(base, math, code);
            assertThat(Arrays.hashCode(merging.run(MethodThreadsTest.crew(3), base, math, code)))
                    .isEqualTo(Arrays.hashCode(expected));
        }
    }

    @Test
    void aRelaxedMergeMovesEachFeatureByItsFactor() {
        float[] factors = scales(COLUMNS, 4);
        Merging plain = Merging.of("ties", 2).inRowsOf(COLUMNS).with("density", 0.4);
        float[] merged = plain.run(BASE, MATH, CODE);
        Guides guides = new Guides(List.of(), Optional.of(new ColumnFactors(factors, true)));
        float[] relaxed = new Merging(
                        new Relaxed(plain.method()),
                        plain.semantics(),
                        true,
                        COLUMNS,
                        0,
                        plain.merge(),
                        plain.models(),
                        42,
                        guides)
                .run(BASE, MATH, CODE);
        for (int i = 0; i < merged.length; i++) {
            double expected = BASE[i] + ((double) merged[i] - BASE[i]) * factors[i % COLUMNS];
            assertThat((double) relaxed[i]).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void scalesOfAnotherShapeAreRefused() {
        Merging merging = Merging.of("ties", 1).inRowsOf(COLUMNS).guidedBy(scales(false, Within.TENSOR, 0.5));
        Merging wrong = Merging.of("ties", 1)
                .inRowsOf(ROWS)
                .guidedBy(scales(false, Within.TENSOR, 0.5)); // whose first dimension is COLUMNS
        assertThat(merging.run(BASE, MATH)).hasSize(BASE.length);
        assertThatThrownBy(() -> wrong.run(BASE, MATH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("37 factors do not fit a tensor of [211, 37] with features along dimension 0");
    }

    @Test
    void scalesMustBeNumbersThatRank() {
        assertThatThrownBy(() -> ColumnScales.of(new float[] {1, Float.NaN}, true, Within.TENSOR, 0.5))
                .hasMessage("scales of columns must not be negative, found NaN");
        assertThatThrownBy(() -> ColumnScales.of(new float[] {1, 2}, true, Within.TENSOR, 0))
                .hasMessage("density must be in (0, 1], found 0.0");
    }

    private static float[] filled(int length, float value) {
        float[] values = new float[length];
        Arrays.fill(values, value);
        return values;
    }
}
