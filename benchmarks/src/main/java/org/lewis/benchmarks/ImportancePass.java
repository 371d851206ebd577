package org.lewis.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.CalibrationText;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.forward.BlockStream;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.forward.Rehearsing;
import org.lewis.model.Decoder;

/// Calibration of a synthetic model in bfloat16. Usage: `ImportancePass once MODEL` runs it once, for a look at its
/// memory; `ImportancePass speed MODEL [rounds]` times it against the same forward in plain calls of the tensor
/// library, and against Lewis's forward without statistics, one after the other in each round; `ImportancePass ids
/// FILE` writes the token ids that they use.
public final class ImportancePass {

    private static final int SAMPLES = 15;
    private static final int TOKENS = 512;
    private static final int VOCABULARY = 151_936;

    private ImportancePass() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("ids")) {
            String lists = String.join(
                    ",", ids().stream().map(java.util.Arrays::toString).toList());
            Files.writeString(Path.of(args[1]), "[" + lists + "]");
            return;
        }
        Path model = Path.of(args[1]);
        CalibrationText text = CalibrationText.of(ids());
        if (args[0].equals("once")) {
            double seconds = seconds(() -> calibrate(model, text));
            System.out.printf(
                    "importance pass with model hash: %.1f s, %.0f tokens/s%n", seconds, text.tokens() / seconds);
            return;
        }
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        try (NoGradGuard _ = new NoGradGuard();
                PointerScope _ = new PointerScope()) {
            PlainQwen2 plain = new PlainQwen2(model);
            plain.run(text.sequences().getFirst());
            List<double[]> all = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                double library = seconds(() -> text.sequences().forEach(plain::run));
                double forward = seconds(() -> forward(model, text));
                double importance = seconds(() -> calibrate(model, text));
                all.add(new double[] {library, forward, importance});
                System.out.printf(
                        "round %d: plain %.1f s, forward %.1f s, importance %.1f s%n",
                        round + 1, library, forward, importance);
            }
            System.out.printf(
                    "tokens/s of plain %.0f; importance to plain %.2f; statistics on top of the forward %.0f %%%n",
                    text.tokens() / median(all, 0, -1), median(all, 0, 2), 100 * (median(all, 2, 1) - 1));
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

    /// Of one column, or of its ratio to another.
    private static double median(List<double[]> rounds, int column, int to) {
        double[] values = rounds.stream()
                .mapToDouble(round -> to < 0 ? round[column] : round[column] / round[to])
                .sorted()
                .toArray();
        return values[values.length / 2];
    }

    private static void forward(Path model, CalibrationText text) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            Decoder decoder = LanguageModel.describe(checkpoint);
            BlockStream.run(
                    checkpoint,
                    decoder,
                    Precision.BFLOAT16,
                    text.sequences(),
                    new Rehearsing(_ -> List.of()),
                    BlockStream.Progress.NONE);
        }
    }

    private static void calibrate(Path model, CalibrationText text) throws IOException {
        Calibration.in(Precision.BFLOAT16).run(ModelLocation.of(model), text, BlockStream.Progress.NONE);
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
