package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.GramMatrix;
import org.lewis.calibrate.GramPass;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.document.Json;
import org.lewis.forward.BlockStream;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.forward.Rehearsing;
import org.lewis.forward.Resources;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.guidance.LewisRun;
import org.lewis.model.Decoder;
import org.lewis.recipe.Recipe;

/// What the sequential SparseGPT pass costs. Usage: `SequentialPass FOLDER HALF PRECISION [rounds]`: FOLDER and
/// HALF hold models `base` and `math`, the second of half as many layers. Each round times, one after the other,
/// a plain forward of all tokens, the pass with its Gram matrices but nothing done with them, the whole guidance,
/// and that of the smaller model. It fails unless the pass costs at most four forwards and doubling the depth at
/// most 2.3 times.
public final class SequentialPass {

    private static final int SAMPLES = 8;
    private static final int TOKENS = 512;
    private static final int VOCABULARY = 151_936;
    private static final double MOST_FORWARDS = 4;
    private static final double MOST_GROWTH = 2.3;
    private static final double LEAST_RATE = 0.8;

    private SequentialPass() {}

    public static void main(String[] args) throws IOException {
        Path models = Path.of(args[0]);
        Path half = Path.of(args[1]);
        Precision precision = Precision.valueOf(args[2].toUpperCase(java.util.Locale.ROOT));
        int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 3;
        CalibrationText text = CalibrationText.of(ids());
        double rate = rate();
        double forwards = Double.MAX_VALUE;
        double growth = Double.MAX_VALUE;
        for (int round = 1; round <= rounds; round++) {
            double forward = seconds(() -> forward(models.resolve("base"), precision, text));
            double pass = seconds(() -> pass(models.resolve("base"), precision, text));
            double whole = seconds(() -> guide(models, precision, text));
            double smaller = seconds(() -> guide(half, precision, text));
            forwards = Math.min(forwards, pass / forward);
            growth = Math.min(growth, whole / smaller);
            System.out.printf(
                    "round %d: forward %.1f s, pass with Gram matrices %.1f s = %.2f forwards, whole %.1f s, half the"
                            + " depth %.1f s, ratio %.2f%n",
                    round, forward, pass, pass / forward, whole, smaller, whole / smaller);
        }
        System.out.printf("Gram matrices at %.2f of the rate of a float32 product%n", rate);
        if (forwards > MOST_FORWARDS || growth > MOST_GROWTH || rate < LEAST_RATE) {
            throw new IllegalStateException("allowed are at most " + MOST_FORWARDS + " forwards, a growth of "
                    + MOST_GROWTH + ", and at least " + LEAST_RATE + " of the rate");
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static double seconds(Work work) throws IOException {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void forward(Path model, Precision precision, CalibrationText text) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            Decoder decoder = LanguageModel.describe(checkpoint);
            BlockStream.run(
                    checkpoint,
                    decoder,
                    precision,
                    text.sequences(),
                    new Rehearsing(_ -> List.of()),
                    BlockStream.Progress.NONE);
        }
    }

    private static void pass(Path model, Precision precision, CalibrationText text) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            new GramPass(precision, false, 3, Resources.standard())
                    .run(
                            checkpoint,
                            LanguageModel.describe(checkpoint),
                            List.of(text),
                            (_, _, gram) -> {
                                if (gram.tokens() != (long) SAMPLES * TOKENS) {
                                    throw new IllegalStateException("a matrix of " + gram.tokens() + " tokens");
                                }
                            },
                            BlockStream.Progress.NONE);
        }
    }

    /// The guidance of a recipe from the start, on the same tokens.
    private static void guide(Path models, Precision precision, CalibrationText text) throws IOException {
        Path folder = Files.createTempDirectory("sequential");
        try {
            Path ids = folder.resolve("ids.json");
            List<Object> lists = new ArrayList<>();
            text.sequences()
                    .forEach(sequence ->
                            lists.add(java.util.Arrays.stream(sequence).boxed().toList()));
            Files.writeString(ids, Json.compact(lists));
            Recipe recipe =
                    Recipe.parse("recipe", """
                        merge_method: task_arithmetic
                        base_model: %s
                        models: [{model: %s, parameters: {weight: 1}}]
                        guidance: {method: sparsegpt, density: 0.3, token_ids: %s}
                        """.formatted(models.resolve("base"), models.resolve("math"), ids), folder);
            LewisRun run = new LewisRun(
                    new PackCache(folder),
                    Optional.of(precision),
                    Resources.standard(),
                    Map.of(),
                    LewisRun.Listener.NONE);
            GuidedRecipe.of(recipe, run);
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    /// Of adding up a Gram matrix of the widest inputs, against a product of two matrices of the same sizes, counting
    /// all of the matrix; the best of a few.
    private static double rate() {
        int features = 4864;
        double product = Double.MAX_VALUE;
        double gram = Double.MAX_VALUE;
        try (NoGradGuard _ = new NoGradGuard();
                PointerScope _ = new PointerScope();
                GramMatrix matrix = new GramMatrix(features)) {
            Tensor inputs = torch.randn(TOKENS, features);
            Tensor others = torch.randn(TOKENS, features);
            for (int i = 0; i < 7; i++) {
                try (PointerScope _ = new PointerScope()) {
                    long start = System.nanoTime();
                    Tensor _ = torch.mm(inputs.t(), others);
                    long middle = System.nanoTime();
                    matrix.add(inputs);
                    product = Math.min(product, middle - start);
                    gram = Math.min(gram, System.nanoTime() - middle);
                }
            }
        }
        return product / gram;
    }

    private static List<int[]> ids() {
        Random random = new Random(1);
        List<int[]> ids = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            ids.add(random.ints(TOKENS, 0, VOCABULARY).toArray());
        }
        return ids;
    }
}
