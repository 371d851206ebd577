package org.lewis.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Mistakes that tools of the field make, and this one must not.
class MethodRegressionTest {

    private static final float[] BASE = Merging.noise(3000, 1);
    private static final float[] MATH = Merging.tuned(BASE, 2);
    private static final float[] CODE = Merging.tuned(BASE, 3);

    /// Where the outliers were less than one entry, all of the task vector was lost.
    @ParameterizedTest
    @CsvSource({"64, 0.01", "3000, 0", "3000, 0.0001"})
    void breadcrumbsWithoutAnOutlierKeepsTheLargestEntries(int size, double gamma) {
        float[] base = java.util.Arrays.copyOf(BASE, size);
        float[] model = java.util.Arrays.copyOf(MATH, size);
        float[] crumbs = Merging.of("breadcrumbs", 1)
                .with("density", 0.9)
                .with("gamma", gamma)
                .run(base, model);
        float[] trimmed = Merging.of("ties", 1).with("density", 0.9).run(base, model);
        assertThat(crumbs).isEqualTo(trimmed);
        assertThat(changed(crumbs, base)).isEqualTo((int) (0.9 * size));
    }

    @ParameterizedTest
    @CsvSource({"0.7, 0.05", "0.4, 0.1", "0.9, 0.3", "0.001, 0.9"})
    void breadcrumbsDropsFromTheTopAndKeepsTheDensity(double density, double gamma) {
        float[] crumbs = Merging.of("breadcrumbs", 1)
                .with("density", density)
                .with("gamma", gamma)
                .run(BASE, MATH);
        assertThat(changed(crumbs, BASE)).isEqualTo((int) (density * BASE.length));
        int dropped = (int) Math.min(gamma * BASE.length, BASE.length - (int) (density * BASE.length));
        assertThat(largerThanAnyKept(crumbs)).isEqualTo(dropped);
    }

    /// Weights were all alike wherever task vectors were as small as fine-tuning makes them.
    @ParameterizedTest
    @ValueSource(floats = {1, 1e-3f, 1e-5f, 1e-8f})
    void sceWeighsSmallTaskVectorsLikeLargeOnes(float scale) {
        float[] zero = new float[1000];
        float[] one = scaled(Merging.noise(1000, 1), scale);
        float[] three = scaled(Merging.noise(1000, 1), 3 * scale);
        float[] merged = Merging.of("sce", 2).run(zero, one, three);
        for (int i = 0; i < merged.length; i++) {
            assertThat(merged[i] / one[i]).isCloseTo(0.1f * 1 + 0.9f * 3, within(1e-5f));
        }
    }

    @Test
    void sceSelectsAmongTheEntriesInWhichModelsDiffer() {
        float[] zero = new float[900];
        float[] one = Merging.noise(900, 1);
        float[] other = one.clone();
        for (int i = 0; i < 100; i++) {
            other[9 * i] += 1 + i;
        }
        float[] merged = Merging.of("sce", 3).with("select_topk", 0.5).run(zero, one, one, other);
        assertThat(changed(merged, zero)).isEqualTo(50);
    }

    /// A density that keeps less than one entry stopped the merge.
    @ParameterizedTest
    @ValueSource(strings = {"ties", "breadcrumbs", "breadcrumbs_ties", "pcb"})
    void aDensityOfLessThanOneEntryKeepsOne(String method) {
        float[] merged =
                Merging.of(method, 1).with("density", 1e-5).with("gamma", 0).run(BASE, MATH);
        assertThat(changed(merged, BASE)).isEqualTo(1);
    }

    /// The order of a set, which differs from run to run, was that of a sum.
    @ParameterizedTest
    @ValueSource(strings = {"multislerp", "sce", "ram", "karcher"})
    void twoRunsGiveTheSameBits(String method) {
        Merging merging = Merging.of(method, 3).with("weight", 0.2, 0.3, 0.5);
        float[] chat = Merging.tuned(BASE, 4);
        assertThat(merging.run(BASE, MATH, CODE, chat)).isEqualTo(merging.run(BASE, MATH, CODE, chat));
    }

    /// Task vectors that cancel out made infinite factors.
    @Test
    void modelStockOfOppositeTaskVectorsIsTheBase() {
        float[] mirrored = new float[BASE.length];
        float[] up = new float[BASE.length];
        float[] zero = new float[BASE.length];
        for (int i = 0; i < BASE.length; i++) {
            up[i] = MATH[i] - BASE[i];
            mirrored[i] = -up[i];
        }
        assertThat(Merging.of("model_stock", 2).run(zero, up, mirrored)).isEqualTo(zero);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void multislerpOfDirectionsThatCancelOutIsTheWeightedSum(int models) {
        float[] up = Merging.noise(100, 1);
        float[] down = scaled(up, -1);
        float[] none = new float[100];
        float[] merged = Merging.of("multislerp", models)
                .withoutBase()
                .with("weight", 0.5, 0.5, 0)
                .run(none, scaled(up, 4), scaled(down, 2), none);
        for (int i = 0; i < 100; i++) {
            assertThat(merged[i]).isCloseTo(up[i], within(1e-6f));
        }
    }

    @Test
    void multislerpRefusesToNormalizeWeightsThatAddUpToNothing() {
        Merging merging = Merging.of("multislerp", 2).with("weight", 1, -1);
        assertThatThrownBy(() -> merging.run(BASE, MATH, CODE))
                .hasMessage("the weights add up to 0.0 and cannot be normalized; set `normalize_weights: false`");
    }

    @Test
    void karcherOfOppositeModelsIsFinite() {
        float[] merged = Merging.of("karcher", 2).run(BASE, MATH, scaled(MATH, -1));
        for (float value : merged) {
            assertThat(value).isFinite();
        }
    }

    /// Frankenmerges list a model with weight 0 only to have its tokens.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aMeanWithAModelOfAllTheWeightIsThatModel(int model) {
        double[] weights = new double[3];
        weights[model] = 0.7;
        float[][] all = {MATH, CODE, Merging.tuned(BASE, 4)};
        assertThat(Merging.of("linear", 3).with("weight", weights).run(BASE, all[0].clone(), all[1], all[2]))
                .isEqualTo(all[model]);
    }

    private static int changed(float[] merged, float[] base) {
        int changed = 0;
        for (int i = 0; i < base.length; i++) {
            changed += merged[i] != base[i] ? 1 : 0;
        }
        return changed;
    }

    private static int largerThanAnyKept(float[] merged) {
        float most = 0;
        for (int i = 0; i < merged.length; i++) {
            most = merged[i] != BASE[i] ? Math.max(most, Math.abs(MATH[i] - BASE[i])) : most;
        }
        int larger = 0;
        for (int i = 0; i < merged.length; i++) {
            larger += Math.abs(MATH[i] - BASE[i]) > most ? 1 : 0;
        }
        return larger;
    }

    private static float[] scaled(float[] values, float factor) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            scaled[i] = factor * values[i];
        }
        return scaled;
    }
}
