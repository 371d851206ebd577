package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.merge.Demands;
import org.lewis.merge.Methods;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// Every dtype that a merge computes with, up to its extremes.
class DtypesTest {

    @TempDir
    Path folder;

    /// All that merge by recipe alone: regmean takes nothing without calibration.
    static java.util.stream.Stream<String> methods() {
        return Methods.names().stream().filter(method -> !method.equals(Methods.REGMEAN));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void mergingAModelWithItselfGivesItBackWhateverItsBitsAre(String method) throws IOException {
        byte[] everyHalf = new byte[1 << 17];
        for (int i = 0; i < 1 << 16; i++) {
            everyHalf[2 * i] = (byte) i;
            everyHalf[2 * i + 1] = (byte) (i >> 8);
        }
        TestModel.empty()
                .add("bf16", Dtype.BF16, Shape.of(256, 256), finite(everyHalf, 0x7F80))
                .add("f16", Dtype.F16, Shape.of(256, 256), finite(everyHalf, 0x7C00))
                .add("scalar", Dtype.F32, Shape.of(), -0f)
                .add("one", Dtype.BF16, Shape.of(1, 1), 3)
                .add("none", Dtype.F16, Shape.of(0))
                .write(folder.resolve("model"));
        try (Checkpoint model = Checkpoint.open(folder.resolve("model"));
                Checkpoint merged = Checkpoint.open(merge(method, "model", "model", ""))) {
            for (Tensor tensor : model.tensors().values()) {
                assertThat(merged.tensor(tensor.name()).bytes().toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(tensor.bytes().toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"F16", "BF16", "F32", "F64"})
    void sumsAreRoundedOnceAtTheEnd(Dtype dtype) throws IOException {
        TestModel.empty().add("w", dtype, Shape.of(2), 1, 256).write(folder.resolve("base"));
        // In bfloat16 arithmetic 256 + 1 is 256 and stays so; here four quarters of it add up first.
        TestModel.empty().add("w", dtype, Shape.of(2), 2, 258).write(folder.resolve("tuned"));
        String yaml = """
            merge_method: task_arithmetic
            base_model: base
            models: [{model: tuned}, {model: tuned}, {model: tuned}, {model: tuned}]
            parameters: {weight: 0.25}
            """;
        Recipe recipe = Recipe.parse("recipe.yaml", yaml, folder);
        Path output = folder.resolve("merged");
        Merge.run(recipe, output);
        try (Checkpoint merged = Checkpoint.open(output)) {
            assertThat(merged.tensor("w").dtype()).isEqualTo(dtype);
            assertThat(merged.tensor("w").floats()).containsExactly(2, 258);
        }
    }

    @Test
    void modelsMayDifferInDtypeAndTheOutputHasTheBases() throws IOException {
        TestModel.empty().add("w", Dtype.BF16, Shape.of(2), 1, 2).write(folder.resolve("base"));
        TestModel.empty().add("w", Dtype.F16, Shape.of(2), 3, 5).write(folder.resolve("tuned"));
        try (Checkpoint merged = Checkpoint.open(merge("task_arithmetic", "base", "tuned", ""))) {
            assertThat(merged.tensor("w").dtype()).isEqualTo(Dtype.BF16);
            assertThat(merged.tensor("w").floats()).containsExactly(3, 5);
        }
    }

    @Test
    void theLargestBfloat16StaysFinite() throws IOException {
        float largest = Float.intBitsToFloat(0x7F7F0000);
        TestModel.empty().add("w", Dtype.BF16, Shape.of(2), 0, largest).write(folder.resolve("base"));
        TestModel.empty().add("w", Dtype.BF16, Shape.of(2), largest, largest).write(folder.resolve("tuned"));
        try (Checkpoint merged = Checkpoint.open(merge("ties", "base", "tuned", "dtype: bfloat16"))) {
            assertThat(merged.tensor("w").floats()).containsExactly(largest, largest);
        }
    }

    private Path merge(String method, String base, String model, String more) throws IOException {
        String yaml = """
            merge_method: %s
            base_model: %s
            models: [{model: %s, parameters: {weight: 1, density: 0.999}}]
            %s
            """.formatted(method, base, model, more);
        if (base.equals(model)) {
            // A method that takes differences leaves the base out of its models, so it comes in under another name.
            String other = "{model: ./model, parameters: {weight: 1, density: 0.999, scale: 1}}";
            Demands demands = Methods.named(method).orElseThrow().demands();
            int models = demands.leastModels() - (demands.base() == Demands.Base.FIRST_MODEL ? 1 : 0);
            yaml = yaml.replaceFirst("\\[.*]", "[" + String.join(", ", Collections.nCopies(models, other)) + "]");
            yaml += "parameters: {t: 0.3, epsilon: 0.0001}\n";
        }
        Path output = folder.resolve("merged");
        Merge.run(Recipe.parse("recipe.yaml", yaml, folder), output);
        return output;
    }

    /// Puts 0 wherever all bits of the exponent are set, which makes infinities and NaN.
    private static byte[] finite(byte[] halves, int exponent) {
        byte[] finite = halves.clone();
        for (int i = 0; i < finite.length; i += 2) {
            int bits = finite[i + 1] << 8 | finite[i] & 0xFF;
            if ((bits & exponent) == exponent) {
                finite[i + 1] = 0;
            }
        }
        return finite;
    }
}
