package org.lewis.calibrate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.forward.BlockStream;
import org.lewis.forward.Precision;
import org.lewis.forward.Rehearsing;
import org.lewis.forward.Resources;
import org.lewis.forward.Tap;
import org.lewis.model.Decoder;

/// One pass over a model's blocks that hands out the Gram matrix of each group of linears that read the same tensor, in
/// the order of the forward pass, one text after the other. A matrix is freed before the next one is made.
///
/// A block runs once for each stage of groups, up to their inputs and no further, and once as a whole: in all at most
/// two and a half times, however many groups it has.
///
/// @param precision what the model computes in
/// @param isFixed   whether the weights are there from the start; else a group's weights are asked for only when its
///                  matrices have been handed out
/// @param matrices  how many of its size a matrix needs room for, its user's own counted
/// @param resources     memory for matrices, and for activations
public record GramPass(Precision precision, boolean isFixed, int matrices, Resources resources) {

    /// Gets the matrices.
    public interface Listener {

        /// @param text  number of the text that the matrix is of
        /// @param group linears that read the same tensor
        /// @param gram  freed after the call
        void gram(int text, List<Decoder.Linear> group, GramMatrix gram) throws IOException;

        /// The pass begins a block.
        default void enter(int block) {}
    }

    /// Groups whose matrices are made at the same time.
    private record Batch(List<List<Decoder.Linear>> groups, Set<String> skipped) {}

    /// The most memory that matrices take at a time, in bytes.
    public static long bytes(Decoder decoder, int matrices) {
        return matrices * GramMatrix.bytes(widest(decoder).in());
    }

    /// @param decoder the model's description
    /// @throws CheckpointException when the memory is too small for one matrix
    public void run(
            ReadableModel model,
            Decoder decoder,
            List<CalibrationText> texts,
            Listener listener,
            BlockStream.Progress progress)
            throws IOException {
        requireRoom(decoder, matrices, resources);
        List<int[]> sequences = new ArrayList<>();
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (CalibrationText text : texts) {
            sequences.addAll(text.sequences());
            starts.add(sequences.size());
        }
        Rehearsing visitor = new Rehearsing(block -> {
            listener.enter(block);
            List<BlockStream.Rehearsal> rehearsals = new ArrayList<>();
            for (Batch batch : batches(decoder.blocks().get(block))) {
                for (int text = 0; text < texts.size(); text++) {
                    rehearsals.add(rehearsal(batch, text, starts.get(text), starts.get(text + 1), listener));
                }
            }
            return rehearsals;
        });
        BlockStream.run(model, decoder, precision, sequences, resources, visitor, progress);
    }

    /// Refuses what [#run] would, before anything else is done.
    ///
    /// @throws CheckpointException when the memory is too small for one matrix
    public static void requireRoom(Decoder decoder, int matrices, Resources resources) throws CheckpointException {
        Decoder.Linear widest = widest(decoder);
        long needed = bytes(decoder, matrices);
        if (!resources.hasStandardMemory() && needed > resources.memory()) {
            throw new CheckpointException(String.format(
                    Locale.ROOT,
                    "the Gram matrix of the %d inputs of %s needs %,d bytes with what is computed from it, but the"
                            + " memory allowed is %,d; --memory %dMB is enough",
                    widest.in(),
                    widest.weight(),
                    needed,
                    resources.memory(),
                    (needed >> 20) + 1));
        }
    }

    private static Decoder.Linear widest(Decoder decoder) {
        return decoder.blocks().stream()
                .flatMap(block -> block.linears().stream())
                .max(java.util.Comparator.comparingInt(Decoder.Linear::in))
                .orElseThrow();
    }

    private List<Batch> batches(Decoder.Block block) {
        List<List<List<Decoder.Linear>>> stages = InputGroups.stages(block);
        List<Batch> batches = new ArrayList<>();
        List<List<Decoder.Linear>> open = new ArrayList<>();
        for (int stage = 0; stage < stages.size(); stage++) {
            for (List<Decoder.Linear> group : stages.get(stage)) {
                if (!open.isEmpty() && !fit(open, group)) {
                    batches.add(new Batch(List.copyOf(open), from(stages, stage)));
                    open.clear();
                }
                open.add(group);
            }
            if (!isFixed || stage == stages.size() - 1) {
                batches.add(new Batch(List.copyOf(open), from(stages, stage)));
                open.clear();
            }
        }
        return batches;
    }

    /// Whether the matrices of some groups and one more leave room to work on the largest.
    private boolean fit(List<List<Decoder.Linear>> groups, List<Decoder.Linear> another) {
        long sum = GramMatrix.bytes(another.getFirst().in());
        long largest = sum;
        for (List<Decoder.Linear> group : groups) {
            long bytes = GramMatrix.bytes(group.getFirst().in());
            sum += bytes;
            largest = Math.max(largest, bytes);
        }
        return sum + (matrices - 1) * largest <= resources.memory();
    }

    /// What need not run for the inputs of a stage: its own linears and all later ones.
    private static Set<String> from(List<List<List<Decoder.Linear>>> stages, int first) {
        Set<String> weights = new HashSet<>();
        stages.subList(first, stages.size())
                .forEach(stage -> stage.forEach(group -> group.forEach(linear -> weights.add(linear.weight()))));
        return weights;
    }

    private BlockStream.Rehearsal rehearsal(Batch batch, int text, int from, int to, Listener listener) {
        Map<String, GramMatrix> grams = new HashMap<>();
        Set<String> firsts = new HashSet<>();
        batch.groups().forEach(group -> firsts.add(group.getFirst().weight()));
        Tap tap = new Tap() {
            @Override
            public void linear(Decoder.Linear linear, Tensor input, Tensor output) {
                if (firsts.contains(linear.weight())) {
                    grams.computeIfAbsent(linear.weight(), _ -> GramMatrix.beside(input))
                            .add(input);
                }
            }

            @Override
            public boolean skips(Decoder.Linear linear) {
                return batch.skipped().contains(linear.weight());
            }
        };
        return new BlockStream.Rehearsal(from, to, tap, () -> {
            for (List<Decoder.Linear> group : batch.groups()) {
                Decoder.Linear first = group.getFirst();
                GramMatrix made = grams.remove(first.weight());
                try (GramMatrix gram = made == null ? new GramMatrix(first.in()) : made) {
                    listener.gram(text, group, gram);
                }
            }
        });
    }
}
