package org.lewis.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.forward.LanguageModel;
import org.lewis.guidance.Linears;
import org.lewis.measure.Differences;
import org.lewis.tensor.ReadableTensor;

/// Pictures of what fine-tuning changed in the bundled models.
class DifferenceFiguresTest {

    private static Checkpoint base;
    private static Checkpoint math;
    private static Checkpoint code;
    private static Linears linears;
    private static DifferenceFigures figures;

    @BeforeAll
    static void openModels() throws IOException {
        Path models = Path.of("../examples/models");
        base = Checkpoint.open(models.resolve("base"));
        math = Checkpoint.open(models.resolve("math"));
        code = Checkpoint.open(models.resolve("code"));
        linears = Linears.of(LanguageModel.describe(base));
        figures = new DifferenceFigures(
                Differences.of(base, List.of(math, code), Differences.Progress.NONE), List.of("math", "code"), linears);
    }

    @AfterAll
    static void closeModels() {
        List.of(base, math, code).forEach(Checkpoint::close);
    }

    @Test
    void everyPairAndEveryFineTuneIsShown() {
        List<Section> sections = figures.sections(0.5);
        assertThat(sections)
                .extracting(Section::title)
                .containsExactly(
                        "Cosine between the task vectors of math and code",
                        "Sign conflicts of math and code",
                        "How far each layer went",
                        "How large the changes are");
        Section.HeatMap cosines = (Section.HeatMap) sections.getFirst();
        assertThat(cosines.columns().labels()).isEqualTo(linears.components());
        assertThat(cosines.values())
                .hasSize(6)
                .allSatisfy(row ->
                        assertThat(row).allSatisfy(cosine -> assertThat(cosine).isBetween(-1.0, 1.0)));
        assertThat(((Section.HeatMap) sections.get(1)).values())
                .allSatisfy(row ->
                        assertThat(row).allSatisfy(share -> assertThat(share).isBetween(0.3, 0.7)));
        assertThat(((Section.Lines) sections.get(2)).series())
                .extracting(Series::name)
                .containsExactly("math", "code");
    }

    @Test
    void theCutLeavesTheDensityOnItsRight() {
        for (double density : new double[] {0.1, 0.5, 0.9}) {
            Section.Histogram histogram =
                    (Section.Histogram) figures.sections(density).getLast();
            assertThat(histogram.cuts())
                    .extracting(Section.Histogram.Cut::name)
                    .containsExactly("math at density " + density, "code at density " + density);
            // Within an octave the cut is interpolated, while changes of bfloat16 weights come in steps.
            assertThat(shareAbove(math, histogram.cuts().get(0).value())).isCloseTo(density, within(0.06));
            assertThat(shareAbove(code, histogram.cuts().get(1).value())).isCloseTo(density, within(0.06));
        }
    }

    @Test
    void barsAddUpToAllThatChanged() {
        Section.Histogram histogram = (Section.Histogram) figures.sections(0.5).getLast();
        double changed = histogram.series().getFirst().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        assertThat(changed).isCloseTo(shareAbove(math, Float.MIN_VALUE), within(1e-3));
    }

    @Test
    void densitiesAboveWhatChangedHaveNoCut() {
        assertThat(((Section.Histogram) figures.sections(0.99).getLast()).cuts())
                .isEmpty();
    }

    @Test
    void eachFineTuneNeedsAName() {
        assertThatThrownBy(() -> new DifferenceFigures(figures.differences(), List.of("math"), linears))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 names for 2 fine-tunes");
    }

    /// The share of the linear layers' weights that changed by so much or more, counted one by one.
    private static double shareAbove(Checkpoint tuned, double cut) {
        long above = 0;
        long all = 0;
        for (var layer : linears.weights()) {
            for (String weight : layer.values()) {
                float[] before = values(base, weight);
                float[] after = values(tuned, weight);
                for (int i = 0; i < before.length; i++) {
                    above += Math.abs(after[i] - before[i]) >= cut ? 1 : 0;
                }
                all += before.length;
            }
        }
        return (double) above / all;
    }

    private static float[] values(Checkpoint model, String name) {
        ReadableTensor tensor = model.tensors().get(name);
        float[] values = new float[Math.toIntExact(tensor.elements())];
        tensor.read(0, values.length, values);
        return values;
    }
}
