package org.lewis.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.plan.Plan;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// What a merge leaves in its output folder, and what it refuses to touch.
class MergeTest {

    private static final Options OPTIONS = Options.standard().withThreads(2);
    private static final Options FORCE = new Options(2, false, true, false, false);
    private static final Options STRICT = new Options(2, false, false, true, false);

    private static final String RECIPE = """
        merge_method: dare_ties
        base_model: base
        models:
          - {model: math, parameters: {density: 0.5, weight: 1}}
          - {model: code, parameters: {density: 0.7, weight: 0.5}}
        """;

    @TempDir
    Path folder;

    private Path output;

    @BeforeEach
    void writeModels() throws IOException {
        output = folder.resolve("merged");
        TestModel.random(1)
                .file("tokenizer.json", "{}")
                .file("chat_template.jinja", "{{ messages }}")
                .file("README.md", "not carried")
                .file("optimizer.pt", "not carried")
                .write(folder.resolve("base"));
        TestModel.random(2).write(folder.resolve("math"));
        TestModel.random(3).inShardsOf(3000).write(folder.resolve("code"));
    }

    @Test
    void guidanceThatNobodyHasAppliedIsRefused() {
        assertThatThrownBy(() -> merge(RECIPE + "guidance: {calibration: train.jsonl}"))
                .isInstanceOf(org.lewis.document.DocumentException.class)
                .hasMessageEndingWith(
                        "guidance: calibration has to set the densities first: `GuidedRecipe.of`, or `lewis merge`");
    }

    @Test
    void theOutputIsAModelWithItsSideFiles() throws IOException {
        merge(RECIPE);
        try (var files = Files.list(output)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "model.safetensors",
                            "config.json",
                            "tokenizer.json",
                            "chat_template.jinja",
                            "README.md",
                            "lewis-recipe.yaml",
                            "lewis-manifest.json");
        }
        assertThat(Files.readString(output.resolve("lewis-recipe.yaml"))).isEqualTo(RECIPE);
        assertThat(Files.readString(output.resolve("README.md")))
                .startsWith("---\nbase_model:\n- base\n- math\n- code\n")
                .contains("Merged by Lewis with the method `dare_ties`")
                .contains("```yaml\n" + RECIPE.stripTrailing() + "\n```");
        assertThat(Files.readString(output.resolve("chat_template.jinja"))).isEqualTo("{{ messages }}");
        assertNothingBeside();
    }

    /// Other tools take them from whichever model a set of them happens to begin with.
    @Test
    void withoutABaseConfigAndTokenizerAreThoseOfTheFirstModel() throws IOException {
        for (String model : List.of("zebra", "ant", "mole")) {
            TestModel.random(1)
                    .file("config.json", "{\"name\": \"" + model + "\"}")
                    .file("tokenizer_config.json", "{\"name\": \"" + model + "\"}")
                    .write(folder.resolve(model));
        }
        for (String order : List.of("zebra, ant, mole", "mole, zebra, ant", "ant, mole, zebra")) {
            String models = "[{model: " + order.replace(", ", "}, {model: ") + "}]";
            Path output = folder.resolve("of " + order);
            Merge.run(recipe("merge_method: linear\nparameters: {weight: 1}\nmodels: " + models), output);
            String first = order.substring(0, order.indexOf(','));
            assertThat(Json.read(output.resolve("config.json")).get("name").text())
                    .isEqualTo(first);
            assertThat(Files.readString(output.resolve("tokenizer_config.json")))
                    .contains(first);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1000, 3000, 5000})
    void theSizeOfAShardChangesFilesButNoTensor(long shardBytes) throws IOException {
        Map<String, String> single = merge(RECIPE).checksums();
        Path sharded = folder.resolve("sharded");
        Report report = Merge.run(recipe(RECIPE), sharded, 42, shardBytes, OPTIONS, Progress.NONE);
        assertThat(report.checksums()).isEqualTo(single);
        assertThat(sharded.resolve("model.safetensors.index.json")).exists();
        assertThat(sharded.resolve("model.safetensors")).doesNotExist();
        try (Checkpoint checkpoint = Checkpoint.open(sharded);
                Checkpoint whole = Checkpoint.open(output)) {
            assertThat(checkpoint.tensors().keySet()).isEqualTo(whole.tensors().keySet());
            for (Tensor tensor : checkpoint.tensors().values()) {
                assertThat(tensor.floats())
                        .isEqualTo(whole.tensor(tensor.name()).floats());
            }
        }
    }

    @Test
    void theManifestHasTheChecksumOfEachTensor() throws IOException {
        Report report = merge(RECIPE);
        Node manifest = Json.read(output.resolve("lewis-manifest.json"));
        try (Checkpoint merged = Checkpoint.open(output)) {
            for (Tensor tensor : merged.tensors().values()) {
                String checksum = crc32(tensor.bytes().toArray(ValueLayout.JAVA_BYTE));
                assertThat(manifest.get("crc32").get(tensor.name()).text()).isEqualTo(checksum);
                assertThat(report.checksums()).containsEntry(tensor.name(), checksum);
            }
            assertThat(report.checksums()).hasSameSizeAs(merged.tensors());
        }
    }

    @Test
    void theManifestSaysWhatDecidedTheBytes() throws IOException {
        merge(RECIPE);
        Node manifest = Json.read(output.resolve("lewis-manifest.json"));
        assertThat(manifest.get("method").text()).isEqualTo("dare_ties");
        assertThat(manifest.get("seed").integer()).isEqualTo(42);
        assertThat(manifest.get("recipe").get("base_model").text()).isEqualTo("base");
        assertThat(manifest.get("resolved")
                        .get("model.norm.weight")
                        .get("models")
                        .plain())
                .isEqualTo(List.of(Map.of("density", 0.5, "weight", 1.0), Map.of("density", 0.7, "weight", 0.5)));
        Node code = manifest.get("inputs").sequence().get(2);
        assertThat(code.get("model").text()).isEqualTo("code");
        assertThat(code.get("files").sequence()).hasSizeGreaterThan(1);
        Node file = code.get("files").sequence().getFirst();
        assertThat(file.get("bytes").integer())
                .isEqualTo(Files.size(
                        folder.resolve("code").resolve(file.get("file").text())));
        assertThat(file.find("sha256")).isEmpty();
    }

    @Test
    void theManifestNamesNoFolderOfThisMachineAndNoTime() throws IOException {
        merge(RECIPE);
        String first = Files.readString(output.resolve("lewis-manifest.json"));
        assertThat(first).doesNotContain(folder.toString()).doesNotContainPattern("20\\d\\d-\\d\\d");
        Path again = folder.resolve("again");
        Merge.run(recipe(RECIPE), again, 42, OPTIONS.withThreads(1), Progress.NONE);
        assertThat(Files.readString(again.resolve("lewis-manifest.json"))).isEqualTo(first);
    }

    @Test
    void wholeInputFilesAreHashedWhenAsked() throws IOException {
        Merge.run(recipe(RECIPE), output, 42, new Options(2, false, false, false, true), Progress.NONE);
        Node base = Json.read(output.resolve("lewis-manifest.json"))
                .get("inputs")
                .sequence()
                .getFirst();
        assertThat(base.get("files").sequence().getFirst().get("sha256").text())
                .isEqualTo(sha256(Files.readAllBytes(folder.resolve("base/model.safetensors"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"float16", "bfloat16", "float32"})
    void theConfigSaysTheDtypeOfTheWeights(String dtype) throws IOException {
        merge(RECIPE + "out_dtype: " + dtype);
        assertThat(Json.read(output.resolve("config.json")).get("torch_dtype").text())
                .isEqualTo(dtype);
        try (Checkpoint merged = Checkpoint.open(output)) {
            assertThat(merged.tensors().values())
                    .allMatch(tensor -> tensor.dtype().configName().equals(dtype));
        }
    }

    @Test
    void theSeedChoosesTheMasks() throws IOException {
        Map<String, String> first = merge(RECIPE).checksums();
        Report other = Merge.run(recipe(RECIPE), folder.resolve("other"), 43, OPTIONS, Progress.NONE);
        assertThat(other.checksums()).isNotEqualTo(first);
    }

    @Test
    void aMaskDoesNotChangeWhenATensorOrAModelIsAdded() throws IOException {
        String alone = """
            merge_method: dare_linear
            base_model: base
            models:
              - {model: math, parameters: {density: 0.5, weight: 1}}
            """;
        Map<String, String> before = merge(alone).checksums();
        String together = alone + "  - {model: code, parameters: {density: 0.5, weight: 0}}\n";
        assertThat(Merge.run(recipe(together), folder.resolve("with-model")).checksums())
                .isEqualTo(before);
        for (String model : List.of("base", "math")) {
            TestModel.random(model.equals("base") ? 1 : 2)
                    .add("a.first.tensor", Dtype.F32, Shape.of(3), 1, 2, 3)
                    .write(folder.resolve("more/" + model));
        }
        Report more =
                Merge.run(Recipe.parse("recipe.yaml", alone, folder.resolve("more")), folder.resolve("with-tensor"));
        assertThat(more.checksums()).containsAllEntriesOf(before).hasSize(before.size() + 1);
    }

    @Test
    void progressCountsEveryByteOfTheOutput() throws IOException {
        List<Long> done = new java.util.ArrayList<>();
        Report report = Merge.run(recipe(RECIPE), output, 42, OPTIONS, (_, bytes, total) -> {
            assertThat(bytes).isLessThanOrEqualTo(total);
            done.add(bytes);
        });
        assertThat(done).isSorted().hasSize(report.checksums().size());
        assertThat(report.bytes()).isEqualTo(Files.size(output.resolve("model.safetensors")));
    }

    @Test
    void anOutputFolderThatIsNotEmptyIsRefused() throws IOException {
        Files.createDirectories(output);
        Files.writeString(output.resolve("thesis.tex"), "precious");
        assertThatThrownBy(() -> merge(RECIPE))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(output + ": is not empty; choose another folder, or replace it with --force");
        assertThat(output.resolve("thesis.tex")).hasContent("precious");
    }

    @Test
    void anEmptyOutputFolderIsUsed() throws IOException {
        Files.createDirectories(output);
        merge(RECIPE);
        assertThat(output.resolve("model.safetensors")).exists();
    }

    @Test
    void forceReplacesTheFolderAsAWhole() throws IOException {
        Files.createDirectories(output);
        Files.writeString(output.resolve("old-shard.safetensors"), "old");
        Merge.run(recipe(RECIPE), output, 42, FORCE, Progress.NONE);
        assertThat(output.resolve("old-shard.safetensors")).doesNotExist();
        assertThat(output.resolve("model.safetensors")).exists();
        assertNothingBeside();
    }

    @Test
    void forceReplacesNoFile() throws IOException {
        Files.writeString(output, "a file");
        assertThatThrownBy(() -> Merge.run(recipe(RECIPE), output, 42, FORCE, Progress.NONE))
                .hasMessage(output + ": is a file, not a folder");
    }

    @Test
    void forceReplacesNoneOfTheModels() {
        Path math = folder.resolve("math");
        assertThatThrownBy(() -> Merge.run(recipe(RECIPE), math, 42, FORCE, Progress.NONE))
                .hasMessage(math + ": is one of the models to merge; choose another folder");
        assertThat(math.resolve("model.safetensors")).exists();
    }

    @Test
    void aMergeThatFailsLeavesNothing() {
        assertThatThrownBy(() -> Merge.run(recipe(RECIPE), output, 42, OPTIONS, (_, _, _) -> {
                    throw new IllegalStateException("stop");
                }))
                .hasMessage("stop");
        assertThat(output).doesNotExist();
        assertNothingBeside();
    }

    @Test
    void aMergeThatFailsToReplaceLeavesTheOldFolder() throws IOException {
        merge(RECIPE);
        Map<String, List<Byte>> before = TestModel.contents(output);
        assertThatThrownBy(() -> Merge.run(recipe(RECIPE), output, 7, FORCE, (_, _, _) -> {
                    throw new IllegalStateException("stop");
                }))
                .hasMessage("stop");
        assertThat(TestModel.contents(output)).isEqualTo(before);
    }

    @Test
    void twoMergesIntoOneFolderAreRefused() throws IOException {
        List<String> refusals = new java.util.ArrayList<>();
        Merge.run(recipe(RECIPE), output, 42, OPTIONS, (_, _, _) -> {
            for (boolean resume : new boolean[] {false, true}) {
                Options options = new Options(1, resume, false, false, false);
                assertThatThrownBy(() -> Merge.run(recipe(RECIPE), output, 42, options, Progress.NONE))
                        .isInstanceOf(CheckpointException.class)
                        .satisfies(e -> refusals.add(e.getMessage()));
            }
        });
        assertThat(refusals)
                .isNotEmpty()
                .containsOnly(folder.resolve(".merged.part") + ": another merge is writing here");
        assertThat(output.resolve("model.safetensors")).exists();
    }

    @Test
    void brokenWeightsAreWarnedOfWithTensorModelAndCount() throws IOException {
        breakTwoWeightsOfMath();
        Report report = merge(RECIPE);
        assertThat(report.warnings())
                .containsExactly("model.norm.weight: 2 values of the result are NaN or infinite; math holds 2");
        assertThat(output.resolve("model.safetensors")).exists();
    }

    @Test
    void strictRefusesBrokenWeights() throws IOException {
        breakTwoWeightsOfMath();
        assertThatThrownBy(() -> Merge.run(recipe(RECIPE), output, 42, STRICT, Progress.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("model.norm.weight: 2 values of the result are NaN or infinite; math holds 2");
        assertThat(output).doesNotExist();
        assertNothingBeside();
    }

    @Test
    void valuesTooLargeForTheOutputAreWarnedOf() throws IOException {
        float[] values = new float[16];
        values[3] = 70000;
        for (String model : List.of("base", "math", "code")) {
            TestModel.random(1)
                    .add("model.norm.weight", Dtype.F32, Shape.of(16), values)
                    .write(folder.resolve("large/" + model));
        }
        Recipe recipe = Recipe.parse("recipe.yaml", RECIPE + "out_dtype: float16", folder.resolve("large"));
        assertThat(Merge.run(recipe, output).warnings())
                .containsExactly("model.norm.weight: 1 values of the result are NaN or infinite in float16, though the"
                        + " models' are not");
    }

    @Test
    void tensorsWithoutArithmeticAreCopied() throws IOException {
        byte[] ids = new byte[80];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (byte) i;
        }
        for (String model : List.of("base", "math", "code")) {
            TestModel.random(1)
                    .add("position_ids", Dtype.I64, Shape.of(10), ids)
                    .add("mask", Dtype.BOOL, Shape.of(2), new byte[] {0, 1})
                    .add("no.rows", Dtype.F32, Shape.of(0, 4), new byte[0])
                    .write(folder.resolve("ids/" + model));
        }
        Report report = Merge.run(Recipe.parse("recipe.yaml", RECIPE, folder.resolve("ids")), output);
        try (Checkpoint merged = Checkpoint.open(output)) {
            assertThat(merged.tensor("position_ids").bytes().toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(ids);
            assertThat(merged.tensor("mask").dtype()).isEqualTo(Dtype.BOOL);
            assertThat(merged.tensor("no.rows").shape()).isEqualTo(Shape.of(0, 4));
        }
        assertThat(report.checksums()).containsEntry("position_ids", crc32(ids));
        assertThat(report.warnings()).isEmpty();
        assertThat(report.notes())
                .containsExactly(
                        "mask: no arithmetic with BOOL, taken from base as it is",
                        "position_ids: no arithmetic with I64, taken from base as it is");
    }

    @Test
    void theStandardSeedIsRecorded() throws IOException {
        Merge.run(recipe(RECIPE), output);
        assertThat(Json.read(output.resolve("lewis-manifest.json")).get("seed").integer())
                .isEqualTo(Plan.DEFAULT_SEED);
    }

    private void breakTwoWeightsOfMath() throws IOException {
        float[] norm = new float[16];
        norm[3] = Float.NaN;
        norm[5] = Float.POSITIVE_INFINITY;
        org.lewis.checkpoint.Folders.delete(folder.resolve("math"));
        TestModel.random(2)
                .add("model.norm.weight", Dtype.F32, Shape.of(16), norm)
                .write(folder.resolve("math"));
    }

    private Report merge(String recipe) throws IOException {
        return Merge.run(recipe(recipe), output, 42, OPTIONS, Progress.NONE);
    }

    private Recipe recipe(String yaml) {
        return Recipe.parse("recipe.yaml", yaml, folder);
    }

    private void assertNothingBeside() {
        assertThat(folder.toFile().list()).noneMatch(name -> name.startsWith("."));
    }

    private static String crc32(byte[] bytes) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        return String.format("%08x", checksum.getValue());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
