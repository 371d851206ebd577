package org.lewis.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.TestCheckpoint;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

class DifferencesTest {

    private static final int SIZE = Pieces.SIZE + 77;

    @TempDir
    Path folder;

    private Path write(String name, Map<String, float[]> tensors) throws IOException {
        TestCheckpoint checkpoint = TestCheckpoint.create();
        tensors.forEach((tensor, values) -> checkpoint.add(tensor, Dtype.F32, Shape.of(values.length), values));
        checkpoint.write(folder.resolve(name).resolve("model.safetensors"));
        return folder.resolve(name);
    }

    private static Differences differences(Path base, Path... tuned) throws IOException {
        List<Checkpoint> opened = new ArrayList<>();
        try (Checkpoint origin = Checkpoint.open(base)) {
            for (Path model : tuned) {
                opened.add(Checkpoint.open(model));
            }
            return Differences.of(origin, opened, Differences.Progress.NONE);
        } finally {
            opened.forEach(Checkpoint::close);
        }
    }

    private static float[] plus(float[] base, float[] delta) {
        float[] sum = base.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += delta[i];
        }
        return sum;
    }

    @Test
    void aModelDoesNotDifferFromItself() throws IOException {
        Path base = write("base", Map.of("model.layers.0.w.weight", ValueStatisticsTest.noise(1, 100)));
        Difference total = differences(base, base, base).total();
        for (Change change : total.changes()) {
            assertThat(change.norm()).isZero();
            assertThat(change.relativeNorm()).isZero();
            assertThat(change.sparsity()).isEqualTo(1);
            assertThat(change.baseSquares()).isPositive();
        }
        assertThat(total.cosine(0, 1)).isNaN();
        assertThat(total.agreement(0, 1).conflictShare()).isNaN();
    }

    @Test
    void knownDeltasAreFoundAgain() throws IOException {
        float[] base = {1, 2, -4, 8, 0, 16};
        Path origin = write("base", Map.of("w", base));
        Path one = write("one", Map.of("w", plus(base, new float[] {1, 0, 2, -4, 0, 0})));
        Path two = write("two", Map.of("w", plus(base, new float[] {-1, 1, 1, -8, 0, 0})));
        Path three = write("three", Map.of("w", plus(base, new float[] {2, 0, 4, -8, 0, 0})));

        Difference found = differences(origin, one, two, three).total();
        Change first = found.changes().getFirst();
        assertThat(first.squares()).isEqualTo(21);
        assertThat(first.zeros()).isEqualTo(3);
        assertThat(first.sparsity()).isEqualTo(0.5);
        assertThat(first.baseSquares()).isEqualTo(341);
        assertThat(first.relativeNorm()).isEqualTo(Math.sqrt(21.0 / 341));
        assertThat(first.largest()).isEqualTo(4);
        long[] octaves = new long[Change.OCTAVES];
        octaves[127] = 1;
        octaves[128] = 1;
        octaves[129] = 1;
        assertThat(first.octaves()).containsExactly(octaves);

        assertThat(found.agreement(0, 1)).isEqualTo(new Agreement(33, 3, 1, 6, 1));
        assertThat(found.agreement(1, 0)).isEqualTo(found.agreement(0, 1));
        assertThat(found.agreement(0, 1).conflictShare()).isEqualTo(1.0 / 3);
        assertThat(found.agreement(0, 1).weightedConflictShare()).isEqualTo(1.0 / 6);
        assertThat(found.cosine(0, 2)).isEqualTo(1, within(1e-15));
        assertThat(found.cosine(2, 1)).isEqualTo(66 / Math.sqrt(84.0 * 67), within(1e-15));
    }

    @Test
    void numbersAreThoseOfAPlainLoopInDouble() throws IOException {
        float[] base = ValueStatisticsTest.noise(1, SIZE);
        float[] one = ValueStatisticsTest.noise(2, SIZE);
        float[] two = ValueStatisticsTest.noise(3, SIZE);
        System.arraycopy(base, 100, one, 100, 5000);
        Difference found = differences(
                        write("base", Map.of("w", base)),
                        write("one", Map.of("w", one)),
                        write("two", Map.of("w", two)))
                .total();

        double[] a = deltas(base, one);
        double[] b = deltas(base, two);
        double product = 0;
        double both = 0;
        double conflicts = 0;
        double bothWeight = 0;
        double conflictsWeight = 0;
        for (int i = 0; i < SIZE; i++) {
            product += a[i] * b[i];
            if (a[i] != 0 && b[i] != 0) {
                double weight = Math.min(Math.abs(a[i]), Math.abs(b[i]));
                both++;
                bothWeight += weight;
                conflicts += Math.signum(a[i]) == Math.signum(b[i]) ? 0 : 1;
                conflictsWeight += Math.signum(a[i]) == Math.signum(b[i]) ? 0 : weight;
            }
        }
        assertThat(found.changes().getFirst().norm()).isCloseTo(norm(a), within(1e-6 * norm(a)));
        assertThat(found.changes().getFirst().relativeNorm())
                .isCloseTo(norm(a) / norm(deltas(new float[SIZE], base)), within(1e-6));
        assertThat(found.changes().getFirst().zeros()).isEqualTo(5000);
        assertThat(Arrays.stream(found.changes().getFirst().octaves()).sum()).isEqualTo(SIZE - 5000);
        assertThat(found.cosine(0, 1)).isCloseTo(product / norm(a) / norm(b), within(1e-6));
        assertThat(found.agreement(0, 1).conflictShare()).isCloseTo(conflicts / both, within(1e-12));
        assertThat(found.agreement(0, 1).weightedConflictShare()).isCloseTo(conflictsWeight / bothWeight, within(1e-6));
    }

    private static double[] deltas(float[] base, float[] tuned) {
        double[] deltas = new double[base.length];
        for (int i = 0; i < deltas.length; i++) {
            deltas[i] = (double) tuned[i] - base[i];
        }
        return deltas;
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
    }

    @Test
    void theNumberOfThreadsChangesNoBit() throws Exception {
        Path base = write("base", Map.of("w", ValueStatisticsTest.noise(1, 3 * SIZE)));
        Path one = write("one", Map.of("w", ValueStatisticsTest.noise(2, 3 * SIZE)));
        Path two = write("two", Map.of("w", ValueStatisticsTest.noise(3, 3 * SIZE)));
        Difference expected = differences(base, one, two).total();
        try (ForkJoinPool pool = new ForkJoinPool(1)) {
            Difference alone =
                    pool.submit(() -> differences(base, one, two)).get().total();
            assertThat(alone.agreements()).isEqualTo(expected.agreements());
            assertThat(alone.changes()).usingRecursiveComparison().isEqualTo(expected.changes());
        }
    }

    @Test
    void tensorsAreGroupedByComponentAndLayer() throws IOException {
        Map<String, float[]> base = new TreeMap<>();
        Map<String, float[]> tuned = new TreeMap<>();
        for (String name : List.of("embed", "layers.0.mlp.up", "layers.1.mlp.up", "layers.1.attn.q")) {
            base.put("model." + name + ".weight", new float[] {1, 1});
            tuned.put("model." + name + ".weight", new float[] {1, name.contains("1") ? 3 : 2});
        }
        Differences found = differences(write("base", base), write("tuned", tuned));
        assertThat(found.byComponent().keySet()).containsExactly("attn.q", "embed", "mlp.up");
        assertThat(found.byComponent().get("mlp.up").changes().getFirst().squares())
                .isEqualTo(5);
        assertThat(found.byLayer().keySet()).containsExactly(0, 1);
        assertThat(found.byLayer().get(1).changes().getFirst().squares()).isEqualTo(8);
        assertThat(found.notes()).isEmpty();
    }

    @Test
    void namesThatDifferByAPrefixAreMatchedAndSaidSo() throws IOException {
        Path base = write("base", Map.of("model.layers.0.w", new float[] {1}, "lm_head.weight", new float[] {1}));
        Path bare = write("bare", Map.of("layers.0.w", new float[] {3}, "lm_head.weight", new float[] {1}));
        Path wrapped = write(
                "wrapped",
                Map.of(
                        "base_model.model.model.layers.0.w", new float[] {2},
                        "base_model.model.lm_head.weight", new float[] {1}));
        Differences found = differences(base, bare, wrapped);
        assertThat(found.tensors()).hasSize(2);
        assertThat(found.total().agreement(0, 1)).isEqualTo(new Agreement(2, 1, 0, 1, 0));
        assertThat(found.notes())
                .containsExactly(
                        bare + ": \"model.\" is put before its names, as in " + base,
                        wrapped + ": \"base_model.model.\" before its names is left out, as in " + base);
    }

    @Test
    void whatCannotBeComparedIsSaid() throws IOException {
        Path base = write("base", Map.of("a", new float[] {1}, "b", new float[] {1, 2}, "c", new float[] {1}));
        Path other = write("other", Map.of("a", new float[] {1}, "b", new float[] {1}, "d", new float[] {1}));
        Differences found = differences(base, other);
        assertThat(found.tensors()).hasSize(1);
        assertThat(found.notes())
                .containsExactly(
                        other + ": b is [1], but that of " + base + " is [2]",
                        other + ": d is not in " + base,
                        other + ": c of " + base + " is missing");
        Path stranger = write("stranger", Map.of("x", new float[] {1}));
        assertThatThrownBy(() -> differences(base, stranger))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(base + ": has no tensor in common with " + stranger);
    }

    @Test
    void valuesThatAreNotFiniteAreCountedAndLeftOut() throws IOException {
        Path base = write("base", Map.of("w", new float[] {1, 1, 1, Float.NaN}));
        Path one = write("one", Map.of("w", new float[] {Float.POSITIVE_INFINITY, 2, 1, 1}));
        Path two = write("two", Map.of("w", new float[] {1, Float.NaN, 3, 1}));
        Difference found = differences(base, one, two).total();
        assertThat(found.changes().get(0).nonFinite()).isEqualTo(2);
        assertThat(found.changes().get(0).squares()).isEqualTo(1);
        assertThat(found.agreement(0, 1)).isEqualTo(new Agreement(0, 0, 0, 0, 0));
    }
}
