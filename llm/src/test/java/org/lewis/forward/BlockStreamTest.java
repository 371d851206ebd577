package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.model.Decoder;

final class BlockStreamTest {

    private static final String PRUNED = "model.layers.0.mlp.down_proj.weight";

    @ParameterizedTest
    @EnumSource(Precision.class)
    void laterBlocksReadWhatChangedWeightsGive(Precision precision, @TempDir Path folder) throws IOException {
        Golden golden = Golden.read("mistral");
        byte[] before = Files.readAllBytes(golden.folder().resolve("model.safetensors"));
        Map<String, float[]> changed = squares(golden.folder(), precision, golden.ids(), (block, weights) -> {
            if (block == 0) {
                weights.writable(PRUNED).mul_(new Scalar(0));
            }
            return block == 0;
        });
        ModelFiles.copy(golden.folder(), folder).zero(PRUNED).write();
        Map<String, float[]> expected = squares(folder, precision, golden.ids(), (_, _) -> false);
        assertThat(changed.keySet()).isEqualTo(expected.keySet());
        changed.forEach((linear, found) -> assertThat(found).as(linear).containsExactly(expected.get(linear)));
        assertThat(Files.readAllBytes(golden.folder().resolve("model.safetensors")))
                .isEqualTo(before);
    }

    @Test
    void sequencesOfAnyLengthRunAloneAndInOrder() throws IOException {
        Golden golden = Golden.read("gemma2");
        List<int[]> sequences =
                List.of(golden.ids().getFirst(), Arrays.copyOf(golden.ids().getLast(), 7), new int[] {3});
        List<String> calls = new ArrayList<>();
        Set<Long> lengths = new HashSet<>();
        try (Checkpoint checkpoint = Checkpoint.open(golden.folder())) {
            Decoder decoder = LanguageModel.describe(checkpoint);
            BlockStream.run(
                    checkpoint,
                    decoder,
                    Precision.FLOAT32,
                    sequences,
                    (block, sequence) -> {
                        calls.add(block + "/" + sequence);
                        return (_, input, _) -> {
                            lengths.add(input.size(0));
                            assertThat(input.size(0)).isEqualTo(sequences.get(sequence).length);
                        };
                    },
                    (done, of) -> calls.add("finished " + done + " of " + of));
        }
        assertThat(calls)
                .containsExactly(
                        "0/0",
                        "0/1",
                        "0/2",
                        "finished 1 of 3",
                        "1/0",
                        "1/1",
                        "1/2",
                        "finished 2 of 3",
                        "2/0",
                        "2/1",
                        "2/2",
                        "finished 3 of 3");
        assertThat(lengths).containsExactlyInAnyOrder(20L, 7L, 1L);
    }

    @Test
    void sequencesSideBySideShowTheSameBits() throws IOException {
        for (String family : List.of("gemma2", "mixtral")) {
            Golden golden = Golden.read(family);
            List<int[]> sequences = new ArrayList<>();
            for (int length = 20; length > 0; length--) {
                sequences.add(Arrays.copyOf(golden.ids().get(length % 2), length));
            }
            assertThat(inputs(golden.folder(), sequences, true))
                    .containsExactlyElementsOf(inputs(golden.folder(), sequences, false));
        }
    }

    /// What every linear reads, in the order of blocks and sequences.
    private static List<String> inputs(Path folder, List<int[]> sequences, boolean isConcurrent) throws IOException {
        List<List<String>> seen = new ArrayList<>();
        List<Integer> passed = new ArrayList<>();
        BlockStream.Visitor visitor = new BlockStream.Visitor() {
            @Override
            public Tap tap(int block, int sequence) {
                List<String> own = new ArrayList<>();
                seen.add(own);
                return (linear, input, _) -> own.add(linear.name() + " "
                        + Arrays.hashCode(Tensors.memory(input).toArray(ValueLayout.JAVA_BYTE)));
            }

            @Override
            public void passed(int block, int sequence) {
                passed.add(sequence);
                assertThat(seen.get(block * sequences.size() + sequence)).isNotEmpty();
            }

            @Override
            public boolean isConcurrent() {
                return isConcurrent;
            }
        };
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Decoder decoder = LanguageModel.describe(checkpoint);
            BlockStream.run(checkpoint, decoder, Precision.FLOAT32, sequences, visitor, BlockStream.Progress.NONE);
            assertThat(passed)
                    .hasSize(decoder.blocks().size() * sequences.size())
                    .startsWith(0, 1, 2, 3);
        }
        return seen.stream().flatMap(List::stream).toList();
    }

    @Test
    void blocksOwnTheirWeightsAndNoOthers() throws IOException {
        Golden golden = Golden.read("llama");
        squares(golden.folder(), Precision.FLOAT32, golden.ids(), (block, weights) -> {
            assertThat(weights.names()).hasSize(9).allMatch(name -> name.startsWith("model.layers." + block + "."));
            assertThat(weights.get("model.layers." + block + ".mlp.up_proj.weight")
                            .size(0))
                    .isEqualTo(56);
            assertThatThrownBy(() -> weights.get("lm_head.weight"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("no tensor lm_head.weight among ");
            return false;
        });
    }

    @Test
    void idsAreCheckedBeforeAnyWork() throws IOException {
        Golden golden = Golden.read("llama");
        assertThatThrownBy(() -> squares(
                        golden.folder(), Precision.FLOAT32, List.of(new int[] {1}, new int[] {77}), (_, _) -> false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequence 1, token 0: id 77 is outside the vocabulary of 60");
    }

    private interface Change {
        boolean afterBlock(int block, Weights weights);
    }

    private static Map<String, float[]> squares(Path folder, Precision precision, List<int[]> sequences, Change change)
            throws IOException {
        InputSquares squares = new InputSquares();
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            BlockStream.run(
                    checkpoint,
                    LanguageModel.describe(checkpoint),
                    precision,
                    sequences,
                    new BlockStream.Visitor() {
                        @Override
                        public Tap tap(int block, int sequence) {
                            return squares;
                        }

                        @Override
                        public boolean afterBlock(int block, Weights weights) {
                            return change.afterBlock(block, weights);
                        }
                    },
                    BlockStream.Progress.NONE);
        }
        return squares.byLinear;
    }
}
