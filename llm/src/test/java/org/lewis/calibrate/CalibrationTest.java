package org.lewis.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.TestCheckpoint;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Golden;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.model.Decoder;

/// Statistics against what transformers computes, and against a whole pass of our own that is summed up plainly.
class CalibrationTest {

    @TempDir
    Path folder;

    static Stream<String> families() throws IOException {
        return Golden.families();
    }

    private static Pack statistics(Path model, List<int[]> ids) throws IOException {
        return Calibration.in(Precision.FLOAT32)
                .run(ModelLocation.of(model), CalibrationText.of(ids), BlockStream.Progress.NONE);
    }

    @ParameterizedTest
    @MethodSource("families")
    void inputSquaresEqualTheReference(String family) throws IOException {
        Golden golden = Golden.read(family);
        Map<String, LinearStatistics> byWeight =
                statistics(golden.folder(), golden.ids()).byWeight();
        Map<String, String> weights = weights(golden.folder());

        golden.inputSquares().forEach((linear, expected) -> {
            double[] squares = byWeight.get(weights.get(linear)).inputSquares();
            float[] found = new float[squares.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = (float) squares[i];
            }
            assertThat(Golden.error(found, expected)).as(linear).isLessThan(1e-4);
        });
    }

    @Test
    void normsAndCountsEqualAPlainComputation() throws IOException {
        Golden golden = Golden.read("llama");
        Map<String, LinearStatistics> found =
                statistics(golden.folder(), golden.ids()).byWeight();
        Plain plain = Plain.of(golden);

        assertThat(found).hasSize(plain.outputNorms.size());
        found.forEach((weight, statistics) -> {
            assertThat(statistics.samples()).isEqualTo(golden.ids().size());
            assertThat(statistics.tokens())
                    .isEqualTo(golden.ids().stream().mapToInt(ids -> ids.length).sum());
            assertThat(statistics.outputNormSum())
                    .isCloseTo(plain.outputNorms.get(weight), relative(weight, plain.outputNorms));
            assertThat(statistics.meanOutputNorm())
                    .isEqualTo(statistics.outputNormSum() / golden.ids().size());
            Map<String, Double> wanda = Map.of(weight, plain.wandaNorm(weight, statistics));
            assertThat(statistics.wandaNorm()).isCloseTo(wanda.get(weight), relative(weight, wanda));
        });
    }

    @Test
    void sequencesOfUnequalLengthsCountAsEachAlone() throws IOException {
        Golden golden = Golden.read("llama");
        List<int[]> ids = List.of(
                Arrays.copyOf(golden.ids().get(0), 3),
                golden.ids().get(1),
                Arrays.copyOf(golden.ids().get(1), 1));
        Pack together = statistics(golden.folder(), ids);
        List<Pack> alone = new ArrayList<>();
        for (int[] sequence : ids) {
            alone.add(statistics(golden.folder(), List.of(sequence)));
        }

        together.byWeight().forEach((weight, all) -> {
            for (int i = 0; i < all.inputSquares().length; i++) {
                int feature = i;
                double sum = alone.stream()
                        .mapToDouble(one -> one.of(weight).inputSquares()[feature])
                        .sum();
                assertThat(all.inputSquares()[i]).isCloseTo(sum, within(1e-12 * sum));
            }
            assertThat(all.tokens()).isEqualTo(3 + golden.ids().get(1).length + 1);
            assertThat(all.outputNormSum())
                    .isCloseTo(
                            alone.stream()
                                    .mapToDouble(one -> one.of(weight).outputNormSum())
                                    .sum(),
                            within(1e-9));
        });
    }

    @Test
    void theSameInputGivesTheSameBytes() throws IOException {
        Golden golden = Golden.read("llama");
        for (double ratio : new double[] {0, 0.5}) {
            Path first = folder.resolve("first.safetensors");
            Path second = folder.resolve("second.safetensors");
            for (Path file : List.of(first, second)) {
                Calibration.in(Precision.FLOAT32)
                        .pruning(ratio)
                        .run(
                                ModelLocation.of(golden.folder()),
                                CalibrationText.of(golden.ids()),
                                BlockStream.Progress.NONE)
                        .write(file);
            }
            assertThat(second).hasSameBinaryContentAs(first);
        }
    }

    @Test
    void pruningShowsInLaterBlocksOnly() throws IOException {
        Golden golden = Golden.read("llama");
        Pack dense = statistics(golden.folder(), golden.ids());
        Pack pruned = Calibration.in(Precision.FLOAT32)
                .pruning(0.5)
                .run(ModelLocation.of(golden.folder()), CalibrationText.of(golden.ids()), BlockStream.Progress.NONE);

        dense.byWeight().forEach((weight, statistics) -> {
            boolean isFirst = weight.startsWith("model.layers.0.");
            assertThat(pruned.of(weight).wandaNorm() == statistics.wandaNorm())
                    .as(weight)
                    .isEqualTo(isFirst);
        });
    }

    @Test
    void expertsCountTheTokensThatReachThem() throws IOException {
        Golden golden = Golden.read("mixtral");
        Pack statistics = statistics(golden.folder(), golden.ids());
        long all = golden.ids().stream().mapToInt(ids -> ids.length).sum();

        assertThat(statistics.byWeight().values().stream()
                        .mapToLong(LinearStatistics::tokens)
                        .distinct()
                        .max())
                .hasValue(all);
        assertThat(statistics.byWeight().entrySet().stream()
                        .filter(entry -> entry.getKey().contains("experts"))
                        .mapToLong(entry -> entry.getValue().tokens())
                        .min()
                        .orElseThrow())
                .isLessThan(all);
    }

    @Test
    void idsThatTheModelCannotTakeAreRefusedWithItsName() throws IOException {
        Golden golden = Golden.read("llama");
        assertThatThrownBy(() -> statistics(golden.folder(), List.of(new int[] {1}, new int[] {2, 60})))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(golden.folder() + ": sequence 1, token 1: id 60 is outside the vocabulary of 60");
    }

    @Test
    void aModelThatComputesNanIsRefused() throws IOException {
        Golden golden = Golden.read("llama");
        Path broken = folder.resolve("broken");
        copyWithNan(golden.folder(), broken, "model.layers.0.self_attn.k_proj.weight");

        assertThatThrownBy(() -> statistics(broken, golden.ids()))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        broken + ": model.layers.0.self_attn.k_proj.weight: the model computes NaN or infinities here"
                                + " on the calibration text, so no importance can be told");
    }

    private static void copyWithNan(Path source, Path target, String tensor) throws IOException {
        TestCheckpoint copy = TestCheckpoint.create();
        try (Checkpoint original = Checkpoint.open(source)) {
            original.tensors().forEach((name, stored) -> {
                float[] values = stored.floats();
                if (name.equals(tensor)) {
                    values[0] = Float.NaN;
                }
                copy.add(name, stored.dtype(), stored.shape(), values);
            });
        }
        copy.write(target.resolve("model.safetensors"));
        Files.copy(source.resolve("config.json"), target.resolve("config.json"));
    }

    private static org.assertj.core.data.Offset<Double> relative(String weight, Map<String, Double> expected) {
        return within(1e-5 * expected.get(weight));
    }

    private static Map<String, String> weights(Path model) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            Map<String, String> weights = new TreeMap<>();
            LanguageModel.describe(checkpoint).blocks().stream()
                    .flatMap(block -> block.linears().stream())
                    .forEach(linear -> weights.put(linear.name(), linear.weight()));
            return weights;
        }
    }

    /// Everything in loops over Java arrays.
    private static final class Plain {

        private final Map<String, Double> outputNorms = new TreeMap<>();
        private final Map<String, float[]> weights = new TreeMap<>();

        static Plain of(Golden golden) throws IOException {
            Plain plain = new Plain();
            Set<String> inBlocks = new TreeSet<>(weights(golden.folder()).values());
            try (Checkpoint checkpoint = Checkpoint.open(golden.folder());
                    LanguageModel model = LanguageModel.open(checkpoint, Precision.FLOAT32);
                    Arena arena = Arena.ofConfined()) {
                for (int[] ids : golden.ids()) {
                    model.logits(List.of(ids), (linear, _, output) -> plain.add(linear, output, inBlocks), arena);
                }
                for (String weight : inBlocks) {
                    plain.weights.put(weight, checkpoint.tensor(weight).floats());
                }
            }
            return plain;
        }

        private void add(Decoder.Linear linear, Tensor output, Set<String> inBlocks) {
            if (inBlocks.contains(linear.weight())) {
                float[] values = new float[Math.toIntExact(output.numel())];
                new org.bytedeco.javacpp.FloatPointer(output.contiguous().data_ptr()).get(values);
                double squares = 0;
                for (float value : values) {
                    squares += (double) value * value;
                }
                outputNorms.merge(linear.weight(), Math.sqrt(squares), Double::sum);
            }
        }

        double wandaNorm(String weight, LinearStatistics statistics) {
            float[] values = weights.get(weight);
            int in = statistics.inputSquares().length;
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += (double) values[i] * values[i] * statistics.inputSquares()[i % in] / statistics.samples();
            }
            return Math.sqrt(sum);
        }
    }
}
