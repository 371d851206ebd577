package org.lewis.report;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// A report with every kind of section, like those that comparisons write.
final class Samples {

    /// Ends a script, opens one, and is meant to be read as these letters.
    static final String HOSTILE =
            "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>&amp;{a|b}";

    private Samples() {}

    static Report report() {
        List<String> models = List.of("base", "math", "code", "task arithmetic", "TIES", "LEWIS");
        return new Report(
                "Merging a mathematician and a programmer",
                "Two fine-tunes of one small model are merged in four ways. Guided densities keep what each has"
                        + " learnt; uniform ones do not.",
                List.of(
                        scores(models),
                        bars(models),
                        importance(),
                        profile(),
                        cosines(),
                        magnitudes(),
                        new Section.Text(
                                "How to read this",
                                "Scores are shares of problems solved, with the standard error of the mean."
                                        + "\n\nImportance is measured on fifteen samples and scaled to the largest."),
                        new Section.Code("Recipe", """
                            merge_method: ties
                            base_model: models/base
                            models:
                              - model: models/math
                                parameters: {density: 0.5, weight: 0.7}
                              - model: models/code
                                parameters: {density: 0.5, weight: 0.7}
                            guidance:
                              method: lewis
                              gamma: 0.3
                              epsilon: 0.8
                            dtype: bfloat16
                            """)));
    }

    /// The same kinds, with names that try to be markup.
    static Report hostile() {
        Axis axis = new Axis(HOSTILE, List.of(HOSTILE, "b"));
        Series series = Series.of(HOSTILE, 1, 2).withErrors(0.1, 0.2);
        return new Report(
                HOSTILE,
                HOSTILE,
                List.of(
                        new Section.Table(
                                HOSTILE,
                                HOSTILE,
                                List.of(Column.text(HOSTILE), Column.higherIsBetter(HOSTILE, 2)),
                                List.of(List.of(Cell.of(HOSTILE), Cell.of(1)))),
                        new Section.Bars(HOSTILE, HOSTILE, axis, HOSTILE, List.of(series, Series.of("b", 3, 4))),
                        new Section.Lines(HOSTILE, HOSTILE, axis, HOSTILE, List.of(series, Series.of("b", 3, 4))),
                        Section.HeatMap.of(HOSTILE, HOSTILE, axis, axis, new double[][] {{1, 2}, {3, Double.NaN}}),
                        new Section.Histogram(
                                HOSTILE,
                                HOSTILE,
                                HOSTILE,
                                false,
                                List.of(0.0, 1.0, 2.0),
                                List.of(series),
                                List.of(new Section.Histogram.Cut(HOSTILE, 0.5))),
                        new Section.Text(HOSTILE, HOSTILE),
                        new Section.Code(HOSTILE, HOSTILE)));
    }

    private static Section scores(List<String> models) {
        double[][] scores = {
            {.247, .035, .553, .041, 1.144, 1.186},
            {.793, .033, .060, .019, 1.032, 1.968},
            {.060, .019, 1.000, .000, 1.281, 1.002},
            {.540, .041, .947, .018, 1.091, 1.052},
            {.553, .041, .453, .041, 1.119, 1.228},
            {.660, .039, .960, .016, 1.071, 1.041},
        };
        List<List<Cell>> rows = IntStream.range(0, models.size())
                .mapToObj(i -> List.of(
                        Cell.of(models.get(i)),
                        Cell.of(scores[i][0], scores[i][1]),
                        Cell.of(scores[i][2], scores[i][3]),
                        Cell.of(scores[i][4]),
                        Cell.of(scores[i][5])))
                .toList();
        return new Section.Table(
                "Scores on 150 test problems each",
                "Greedy decoding in float32. The best value of a column is bold, the second underlined.",
                List.of(
                        Column.text("Model"),
                        Column.higherIsBetter("Arithmetic, exact match", 3),
                        Column.higherIsBetter("Functions, pass@1", 3),
                        Column.lowerIsBetter("Arithmetic, perplexity", 3),
                        Column.lowerIsBetter("Functions, perplexity", 3)),
                rows);
    }

    private static Section bars(List<String> models) {
        return new Section.Bars(
                "What a merge keeps",
                "Shares of problems solved; whiskers are standard errors.",
                new Axis("", models),
                "share solved",
                List.of(
                        Series.of("arithmetic", .247, .793, .060, .540, .553, .660)
                                .withErrors(.035, .033, .019, .041, .041, .039),
                        Series.of("functions", .553, .060, 1.000, .947, .453, .960)
                                .withErrors(.041, .019, 0, .018, .041, .016)));
    }

    private static Section importance() {
        SplittableRandom random = new SplittableRandom(7);
        double[][] values = new double[28][7];
        for (int layer = 0; layer < values.length; layer++) {
            for (int part = 0; part < 7; part++) {
                double depth = layer / 27.0;
                double bump = Math.exp(-Math.pow((depth - 0.25 - 0.09 * part) / 0.3, 2));
                values[layer][part] = Math.min(1, 0.1 + 0.75 * bump + 0.15 * random.nextDouble());
            }
        }
        return Section.HeatMap.of(
                "Importance of each linear layer for arithmetic",
                "Norm of the activations that pass each weight, as a share of the largest.",
                new Axis("layer", names(28)),
                new Axis("", List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")),
                values);
    }

    private static Section profile() {
        double[] math = new double[28];
        double[] code = new double[28];
        double[] both = new double[28];
        for (int layer = 0; layer < 28; layer++) {
            math[layer] = 0.3 + 0.5 * Math.exp(-Math.pow((layer - 11) / 7.0, 2));
            code[layer] = 0.3 + 0.5 * Math.exp(-Math.pow((layer - 19) / 5.0, 2));
            both[layer] = 0.5;
        }
        return new Section.Lines(
                "Density by depth",
                "The share of each task vector that the merge keeps.",
                new Axis("layer", names(28)),
                "density",
                List.of(Series.of("math", math), Series.of("code", code), Series.of("uniform", both)));
    }

    private static Section cosines() {
        SplittableRandom random = new SplittableRandom(11);
        double[][] values = new double[28][7];
        for (double[] row : values) {
            for (int part = 0; part < row.length; part++) {
                row[part] = 0.12 * Math.sin(part + 6.0 * random.nextDouble());
            }
        }
        return Section.HeatMap.signed(
                "Do the task vectors agree?",
                "Cosine between the task vectors of both fine-tunes.",
                new Axis("layer", names(28)),
                new Axis("", List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")),
                values);
    }

    private static Section magnitudes() {
        List<Double> edges = IntStream.rangeClosed(0, 40)
                .mapToObj(i -> Math.pow(10, -7 + i / 8.0))
                .toList();
        double[] math = new double[40];
        double[] code = new double[40];
        for (int bin = 0; bin < 40; bin++) {
            math[bin] = 0.1 * Math.exp(-Math.pow((bin - 22) / 5.6, 2));
            code[bin] = 0.085 * Math.exp(-Math.pow((bin - 25) / 6.6, 2));
        }
        return new Section.Histogram(
                "How large the changes are",
                "Of all weights of the linear layers; what lies left of its line is dropped.",
                "magnitude of the change",
                true,
                edges,
                List.of(Series.of("math", math), Series.of("code", code)),
                List.of(
                        new Section.Histogram.Cut("math at density 0.5", 4.9e-5),
                        new Section.Histogram.Cut("code at density 0.5", 1.2e-4)));
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }
}
