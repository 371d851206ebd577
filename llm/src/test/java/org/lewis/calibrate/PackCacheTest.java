package org.lewis.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Golden;
import org.lewis.forward.Precision;

class PackCacheTest {

    private static final List<int[]> IDS = List.of(new int[] {1, 2, 3}, new int[] {4, 5});

    @TempDir
    Path folder;

    private Path model;
    private PackCache cache;

    @BeforeEach
    void copyModel() throws IOException {
        model = Files.createDirectory(folder.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Golden.root().resolve("llama").resolve(file), model.resolve(file));
        }
        cache = new PackCache(folder.resolve("kept/packs"));
    }

    private PackCache.Found find(List<int[]> ids, Precision precision, double ratio) throws IOException {
        return cache.get(
                ModelLocation.of(model),
                Calibration.in(precision).pruning(ratio),
                CalibrationText.of(ids),
                BlockStream.Progress.NONE);
    }

    private PackCache.Found find() throws IOException {
        return find(IDS, Precision.FLOAT32, 0);
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(cache.folder())) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    private byte[] bytes(Pack pack) throws IOException {
        Path file = folder.resolve("compared.safetensors");
        pack.write(file);
        return Files.readAllBytes(file);
    }

    @Test
    void theSameModelAndIdsAreNotRunAgain() throws IOException {
        PackCache.Found first = find();
        PackCache.Found second = find();

        assertThat(first.reused()).isFalse();
        assertThat(second.reused()).isTrue();
        assertThat(first.problem()).isEmpty();
        assertThat(second.problem()).isEmpty();
        assertThat(bytes(second.pack())).isEqualTo(bytes(first.pack())).isEqualTo(Files.readAllBytes(onlyFile()));
    }

    @Test
    void otherIdsPrecisionOrPruningAreRun() throws IOException {
        find();

        assertThat(find(List.of(new int[] {1, 2, 3}, new int[] {4, 6}), Precision.FLOAT32, 0)
                        .reused())
                .isFalse();
        assertThat(find(List.of(new int[] {1, 2, 3, 4, 5}), Precision.FLOAT32, 0)
                        .reused())
                .isFalse();
        assertThat(find(IDS, Precision.BFLOAT16, 0).reused()).isFalse();
        assertThat(find(IDS, Precision.FLOAT32, 0.5).reused()).isFalse();
        assertThat(find().reused()).isTrue();
    }

    @Test
    void aChangedModelIsRun() throws IOException {
        find();
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.setLastModifiedTime(model.resolve(file), FileTime.fromMillis(1_000_000));
            assertThat(find().reused()).as(file).isFalse();
            assertThat(find().reused()).isTrue();
        }
    }

    @Test
    void otherFilesOfTheModelDoNotMatter() throws IOException {
        find();
        Files.writeString(model.resolve("README.md"), "hello");

        assertThat(find().reused()).isTrue();
    }

    @Test
    void aLinkToTheModelIsTheModel() throws IOException {
        find();
        Path link = Files.createSymbolicLink(folder.resolve("link"), model);

        assertThat(cache.get(
                                ModelLocation.of(link),
                                Calibration.in(Precision.FLOAT32),
                                CalibrationText.of(IDS),
                                BlockStream.Progress.NONE)
                        .reused())
                .isTrue();
    }

    @Test
    void aDamagedFileIsComputedAgain() throws IOException {
        byte[] whole = bytes(find().pack());
        Files.write(onlyFile(), new byte[] {1, 2, 3});
        PackCache.Found again = find();

        assertThat(again.reused()).isFalse();
        assertThat(again.problem())
                .hasValue("statistics of an earlier run are damaged and computed again: " + onlyFile()
                        + ": 3 bytes are too few for a header length");
        assertThat(bytes(again.pack())).isEqualTo(whole);
        assertThat(find().reused()).isTrue();
    }

    @Test
    void aFolderThatCannotBeMadeCostsOnlyTheNextTime() throws IOException {
        cache = new PackCache(Files.writeString(folder.resolve("file"), "").resolve("statistics"));
        PackCache.Found found = find();

        assertThat(found.pack().byWeight()).isNotEmpty();
        assertThat(found.problem().orElseThrow())
                .startsWith("statistics cannot be kept for the next time in " + cache.folder() + ": ");
        assertThat(find().reused()).isFalse();
    }
}
