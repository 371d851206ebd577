package org.lewis.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.tensor.Tensor;

class TorchFileTest {

    @TempDir
    Path folder;

    @Test
    void pickledWeightsAreThoseOfTheSafetensorsFile() throws IOException {
        Path file = folder.resolve("pytorch_model.bin");
        try (Safetensors original = Safetensors.open(model().resolve("model.safetensors"))) {
            TorchWriter.write(file, original.tensors().values());
            try (TorchFile pickled = TorchFile.open(file)) {
                assertSameTensors(original.tensors(), pickled.tensors());
            }
        }
    }

    @Test
    void aFolderMayHoldPickledShardsUnderAnIndex() throws IOException {
        try (Safetensors original = Safetensors.open(model().resolve("model.safetensors"))) {
            List<Tensor> all = List.copyOf(original.tensors().values());
            TorchWriter.write(folder.resolve("pytorch_model-00001-of-00002.bin"), all.subList(0, 5));
            TorchWriter.write(folder.resolve("pytorch_model-00002-of-00002.bin"), all.subList(5, all.size()));
            StringBuilder index = new StringBuilder("{\"weight_map\": {");
            for (int i = 0; i < all.size(); i++) {
                index.append(i == 0 ? "" : ", ")
                        .append("\"" + all.get(i).name() + "\": \"pytorch_model-0000" + (i < 5 ? 1 : 2)
                                + "-of-00002.bin\"");
            }
            Files.writeString(folder.resolve("pytorch_model.bin.index.json"), index + "}}");
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                assertSameTensors(original.tensors(), checkpoint.tensors());
            }
        }
    }

    @Test
    void aPickleThatCallsAnythingIsRefused() throws IOException {
        Path file = folder.resolve("evil.bin");
        TorchWriter.writePickle(file, "cos\nsystem\n(S'touch evil'\ntR.".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> TorchFile.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": the file names os.system, which is not data; Lewis executes nothing from files."
                        + " Save the model as safetensors");
    }

    @Test
    void aFileThatIsNoZipIsRefused() throws IOException {
        Path file = folder.resolve("old.bin");
        Files.write(file, new byte[100]);
        assertThatThrownBy(() -> TorchFile.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file
                        + ": neither safetensors nor a ZIP file; those of PyTorch before 1.6 have to be saved anew");
    }

    @Test
    void truncatedAndCorruptedFilesAreRefusedOrRead() throws IOException {
        Path file = folder.resolve("pytorch_model.bin");
        try (Safetensors original = Safetensors.open(model().resolve("model.safetensors"))) {
            TorchWriter.write(file, List.copyOf(original.tensors().values()).subList(0, 3));
        }
        byte[] whole = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 1500; round++) {
            byte[] hostile = round % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            int from = round % 2 == 0 ? Math.max(0, hostile.length - 2500) : 0;
            for (int i = 0; i < 3 && hostile.length > from; i++) {
                hostile[from + random.nextInt(Math.min(1500, hostile.length - from))] = (byte) random.nextInt();
            }
            Files.write(file, hostile);
            try (TorchFile read = TorchFile.open(file)) {
                read.tensors().values().forEach(tensor -> tensor.bytes().toArray(ValueLayout.JAVA_BYTE));
            } catch (CheckpointException e) {
                assertThat(e).hasMessageStartingWith(file.toString());
            }
        }
    }

    private static void assertSameTensors(Map<String, Tensor> expected, Map<String, Tensor> found) {
        assertThat(found.keySet()).hasSameElementsAs(expected.keySet());
        expected.forEach((name, tensor) -> {
            assertThat(found.get(name).shape()).isEqualTo(tensor.shape());
            assertThat(found.get(name).dtype()).isEqualTo(tensor.dtype());
            assertThat(found.get(name).bytes().mismatch(tensor.bytes()))
                    .as(name)
                    .isEqualTo(-1);
        });
    }

    private static Path model() {
        try {
            return Path.of(
                    TorchFileTest.class.getResource("/goldens/merge_llama/ft0").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
