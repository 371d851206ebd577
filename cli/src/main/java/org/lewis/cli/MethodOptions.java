package org.lewis.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.compare.FineTune;
import org.lewis.compare.MethodSettings;
import org.lewis.document.Nearest;
import picocli.CommandLine.Option;

/// What the standard methods of a comparison are run with.
final class MethodOptions {

    private static final MethodSettings STANDARD = MethodSettings.STANDARD;

    @Option(
            names = "--density",
            paramLabel = "D",
            description = "Share of each task vector that TIES, DARE, SparseGPT and Wanda keep (default: 0.2).")
    private double density = STANDARD.density();

    @Option(names = "--gamma", paramLabel = "G", description = "Least density that LEWIS gives (default: 0.3).")
    private double gamma = STANDARD.gamma();

    @Option(names = "--epsilon", paramLabel = "E", description = "Largest density that LEWIS gives (default: 0.8).")
    private double epsilon = STANDARD.epsilon();

    @Option(names = "--lambda", paramLabel = "L", description = "Factor of the merged task vector (default: 1).")
    private double lambda = STANDARD.lambda();

    @Option(
            names = "--weight",
            paramLabel = "MODEL=W",
            description = "Weight of a fine-tune in the mean of the task vectors (default: 1); may be repeated.")
    private Map<String, Double> weights = new LinkedHashMap<>();

    @Option(
            names = {"--samples", "--n-samples"},
            paramLabel = "N",
            description = "Calibration rows of each fine-tune (default: 128).")
    private int samples = STANDARD.samples();

    @Option(
            names = {"--max-length", "--seq-len"},
            paramLabel = "N",
            description =
                    "Tokens of a calibration sequence, the rest is cut; and tokens of a test that models see at once"
                            + " (default: 512).")
    private int length = STANDARD.length();

    @Option(names = "--seed", paramLabel = "N", description = "Chooses rows, and random masks (default: 42).")
    private long seed = STANDARD.seed();

    @Option(
            names = "--block-size",
            paramLabel = "N",
            description = "Columns that SparseGPT prunes at once (default: 128).")
    private int blockSize = STANDARD.blockSize();

    @Option(
            names = "--percdamp",
            paramLabel = "P",
            description =
                    "What SparseGPT adds to the diagonal of its Hessians, as a share of their mean (default: 0.01).")
    private double damping = STANDARD.damping();

    @Option(
            names = "--sequential",
            arity = "1",
            paramLabel = "true|false",
            description = "Whether SparseGPT's Hessians are of the model merged so far, layer after layer (default:"
                    + " true).")
    private boolean sequential = STANDARD.sequential();

    /// @throws IllegalArgumentException when a number is out of its range
    MethodSettings settings() {
        return new MethodSettings(
                density, gamma, epsilon, lambda, samples, length, seed, blockSize, damping, sequential);
    }

    /// @throws IllegalArgumentException when a weight is for none of the models
    List<FineTune> weighted(List<FineTune> fineTunes) {
        List<String> names = fineTunes.stream().map(FineTune::name).toList();
        for (String name : weights.keySet()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(
                        "--weight: none is called \"" + name + "\"" + Nearest.suggestion(name, names));
            }
        }
        return fineTunes.stream()
                .map(model -> model.weighing(weights.getOrDefault(model.name(), model.weight())))
                .toList();
    }
}
