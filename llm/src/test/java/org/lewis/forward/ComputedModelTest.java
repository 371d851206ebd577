package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.ModelHash;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.checkpoint.Safetensors;
import org.lewis.engine.Merge;
import org.lewis.engine.MergedModel;
import org.lewis.plan.Plan;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// Models whose tensors are computed while they are read: each must do what the folder does into which it is written.
class ComputedModelTest {

    private static final List<int[]> IDS = List.of(new int[] {1, 5, 9, 2, 40, 7, 3}, new int[] {8, 8, 4, 50, 1, 0, 2});

    @TempDir
    Path folder;

    private Path base;
    private ModelLocation adapted;

    @BeforeEach
    void writeModels() throws IOException {
        base = Files.createDirectories(folder.resolve("base"));
        ModelFiles.copy(Golden.root().resolve("llama"), base)
                .convert(Dtype.BF16)
                .write();
        adapted = new ModelLocation(base, Optional.of(adapter(folder.resolve("adapter"))));
    }

    /// Adapts two linears and replaces a norm.
    private Path adapter(Path target) throws IOException {
        Files.createDirectories(target);
        Files.writeString(
                target.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"lora_alpha\": 6, \"r\": 3}");
        SplittableRandom random = new SplittableRandom(7);
        List<Tensor> tensors = new java.util.ArrayList<>();
        try (Checkpoint model = Checkpoint.open(base)) {
            for (String module : List.of("model.layers.0.mlp.up_proj", "model.layers.1.self_attn.q_proj")) {
                Shape shape = model.tensor(module + ".weight").shape();
                String name = "base_model.model." + module;
                tensors.add(noise(random, name + ".lora_A.weight", 3, shape.dimension(1)));
                tensors.add(noise(random, name + ".lora_B.weight", shape.dimension(0), 3));
            }
            long width = model.tensor("model.norm.weight").elements();
            tensors.add(noise(random, "base_model.model.model.norm.modules_to_save.weight", width));
        }
        Safetensors.write(target.resolve("adapter_model.safetensors"), tensors, Map.of());
        return target;
    }

    private static Tensor noise(SplittableRandom random, String name, long... dimensions) {
        Shape shape = Shape.of(dimensions);
        float[] values = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        MemorySegment bytes = Arena.ofAuto().allocate(Dtype.F32.bytes(values.length), Float.BYTES);
        bytes.copyFrom(MemorySegment.ofArray(values));
        return new Tensor(name, Dtype.F32, shape, bytes);
    }

    private Recipe recipe(String yaml) {
        return Recipe.parse("recipe.yaml", yaml, folder);
    }

    /// The folder that the adapted model is merged into.
    private Path written() throws IOException {
        Path written = folder.resolve("written");
        Merge.run(recipe("merge_method: linear\nmodels: [{model: base+adapter, parameters: {weight: 1}}]\n"), written);
        return written;
    }

    private static float[] logits(ReadableModel model, Precision precision) throws IOException {
        try (LanguageModel language = LanguageModel.open(model, precision);
                Arena arena = Arena.ofConfined()) {
            return language.logits(IDS, arena).floats();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAdaptedModelComputesWhatItsMergedFolderComputes(Precision precision) throws IOException {
        try (ReadableModel ours = adapted.open();
                Checkpoint merged = Checkpoint.open(written());
                Checkpoint plain = Checkpoint.open(base)) {
            float[] logits = logits(ours, precision);
            assertThat(logits).containsExactly(logits(merged, precision));
            assertThat(logits).isNotEqualTo(logits(plain, precision));
        }
    }

    @Test
    void anAdaptedModelCalibratesToThePackOfItsMergedFolder() throws IOException {
        Path merged = written();
        Files.copy(
                base.resolve("config.json"),
                merged.resolve("config.json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Calibration calibration = Calibration.in(Precision.FLOAT32);
        CalibrationText text = CalibrationText.of(IDS);
        Path ours = folder.resolve("ours.safetensors");
        Path theirs = folder.resolve("theirs.safetensors");
        calibration.run(adapted, text, BlockStream.Progress.NONE).write(ours);
        calibration
                .run(ModelLocation.of(merged), text, BlockStream.Progress.NONE)
                .write(theirs);
        assertThat(ours).hasSameBinaryContentAs(theirs);
        try (ReadableModel plain = Checkpoint.open(base);
                ReadableModel model = adapted.open()) {
            assertThat(ModelHash.of(model)).isNotEqualTo(ModelHash.of(plain));
        }
    }

    @Test
    void packsOfAModelAreNotTakenForThoseOfItsAdapters() throws IOException {
        PackCache cache = new PackCache(folder.resolve("packs"));
        Calibration calibration = Calibration.in(Precision.FLOAT32);
        CalibrationText text = CalibrationText.of(IDS);
        ModelLocation other = new ModelLocation(base, Optional.of(adapter(folder.resolve("other"))));
        for (ModelLocation model : List.of(ModelLocation.of(base), adapted, other)) {
            assertThat(cache.get(model, calibration, text, BlockStream.Progress.NONE)
                            .reused())
                    .isFalse();
        }
        assertThat(cache.get(adapted, calibration, text, BlockStream.Progress.NONE)
                        .reused())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aMergeThatIsNotWrittenComputesWhatTheWrittenOneDoes(Precision precision) throws IOException {
        Recipe recipe = recipe("""
            merge_method: dare_ties
            base_model: base
            models: [{model: base+adapter, parameters: {weight: 0.7, density: 0.5}}]
            """);
        Path output = folder.resolve("merged");
        Merge.run(recipe, output);
        try (MergedModel ours = MergedModel.open(recipe, Plan.DEFAULT_SEED);
                Checkpoint merged = Checkpoint.open(output);
                LanguageModel one = LanguageModel.open(ours, precision);
                LanguageModel two = LanguageModel.open(merged, precision)) {
            assertThat(logits(ours, precision)).containsExactly(logits(merged, precision));
            GenerationLimits limits = new GenerationLimits(5, Set.of());
            assertThat(one.generate(IDS, limits)).usingRecursiveComparison().isEqualTo(two.generate(IDS, limits));
        }
    }

    @Test
    void adaptersOfOtherModelsAreRefused() throws IOException {
        Path gemma = Golden.root().resolve("gemma2");
        ModelLocation wrong = new ModelLocation(gemma, adapted.adapter());
        assertThatThrownBy(wrong::open)
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(folder.resolve("adapter") + ": ");
    }
}
