package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.lewis.benchmarks.ExperimentRecipes.Setup;

/// The experiments of LEWIS's paper at the size of the bundled models: `Experiments EXAMPLES OUTPUT [PART...]`.
///
/// Every guided merge is followed by a uniform one that keeps the same share of each fine-tune. What is in
/// `OUTPUT/results.jsonl` is not run again; `OUTPUT/recipes` repeats each merge; the tables go to standard output.
public final class Experiments {

    /// @param part  of the tables
    /// @param rule  of guidance; empty for a uniform merge of density one half
    /// @param seed  of the calibration samples
    record Arm(String part, String name, Setup setup, String rule, long seed) {}

    private static final long SEED = 42;
    private static final double UNIFORM = 0.5;
    private static final List<String> BOTH = List.of("math", "code");
    private static final Setup TIES = new Setup("ties", BOTH);
    private static final List<String> BOUNDS =
            List.of("gamma: 0.3; epsilon: 0.8", "gamma: 0.5; epsilon: 0.8", "gamma: 0.5; epsilon: 1.0");

    private Experiments() {}

    public static void main(String[] args) throws IOException {
        Path output = Files.createDirectories(Path.of(args[1]));
        List<String> parts = List.of(args).subList(2, args.length);
        try (ExperimentRun run = new ExperimentRun(Path.of(args[0]), output)) {
            for (String parent : List.of("base", "math", "code")) {
                run.parent(parent);
            }
            for (Arm arm : arms()) {
                if (parts.isEmpty() || parts.contains(arm.part())) {
                    run.arm(arm, UNIFORM);
                }
            }
        }
        System.out.print(ExperimentTables.markdown(output.resolve(ExperimentRun.RESULTS)));
    }

    private static List<Arm> arms() {
        return Stream.of(bounds(), alone(), low(), topK(), components(), variants(), seeds(), sparseGpt())
                .flatMap(List::stream)
                .toList();
    }

    private static Arm guided(String part, String name, Setup setup, String rule) {
        return new Arm(part, name, setup, rule, SEED);
    }

    private static List<Arm> bounds() {
        List<Arm> arms = new ArrayList<>();
        for (String method : List.of("ties", "dare_ties", "dare_linear")) {
            arms.addAll(bounds("bounds", new Setup(method, BOTH)));
        }
        return arms;
    }

    /// One fine-tune and its base, as in the paper.
    private static List<Arm> alone() {
        List<Arm> arms = new ArrayList<>();
        for (String tuned : BOTH) {
            for (String method : List.of("ties", "dare_linear")) {
                arms.addAll(bounds("alone", new Setup(method, List.of(tuned))));
            }
        }
        return arms;
    }

    /// Bounds so low that it matters which weights are kept.
    private static List<Arm> low() {
        List<Arm> arms = new ArrayList<>();
        for (String bounds : List.of("gamma: 0.05; epsilon: 0.2", "gamma: 0.1; epsilon: 0.4")) {
            for (List<String> tuned : List.of(BOTH, List.of("math"), List.of("code"))) {
                for (String method : List.of("ties", "dare_linear")) {
                    Setup setup = new Setup(method, tuned);
                    arms.add(guided("low", setup.toString(), setup, bounds));
                }
            }
        }
        return arms;
    }

    private static List<Arm> bounds(String part, Setup setup) {
        List<Arm> arms = new ArrayList<>(List.of(new Arm(part, setup.toString(), setup, "", SEED)));
        BOUNDS.forEach(bounds -> arms.add(guided(part, setup.toString(), setup, bounds)));
        return arms;
    }

    private static List<Arm> topK() {
        return Stream.of("0.1", "0.25", "0.5", "0.75")
                .map(share -> guided("top-k", "ties", TIES, "top_k: " + share))
                .toList();
    }

    private static List<Arm> components() {
        return Stream.of(
                        "attention", "mlp", "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
                .map(component -> guided("components", "ties", TIES, "only: " + component))
                .toList();
    }

    private static List<Arm> variants() {
        return Stream.of(
                        "scaling: clip",
                        "scaling: rank",
                        "granularity: layer",
                        "granularity: component",
                        "metric: output_norm",
                        "sparsity_ratio: 0.5",
                        "apply_to_weights: true")
                .map(variant -> guided("variants", "ties", TIES, variant))
                .toList();
    }

    /// Which weights are kept, not only how many.
    private static List<Arm> sparseGpt() {
        List<Arm> arms = new ArrayList<>();
        for (List<String> tuned : List.of(BOTH, List.of("math"), List.of("code"))) {
            Setup setup = new Setup("ties", tuned);
            for (String rule : List.of(
                    "method: wanda; density: 0.2",
                    "method: sparsegpt; error_correction: false; density: 0.2",
                    "method: sparsegpt; density: 0.2",
                    "method: lewis+sparsegpt; gamma: 0.1; epsilon: 0.4",
                    "method: sparsegpt; density: 0.5",
                    "method: lewis+sparsegpt; gamma: 0.3; epsilon: 0.8")) {
                arms.add(guided("sparsegpt", setup.toString(), setup, rule));
            }
        }
        return arms;
    }

    private static List<Arm> seeds() {
        return LongStream.rangeClosed(1, 5)
                .mapToObj(seed -> new Arm("seeds", "ties", TIES, BOUNDS.getFirst(), seed))
                .toList();
    }
}
