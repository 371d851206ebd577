package org.lewis.forward;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.model.Decoder;

/// The calibration pass: all sequences through block 0, then all through block 1, and so on, so that the weights of one
/// block at a time are in memory. Each sequence runs alone; nothing is ever padded. The head does not run.
public final class BlockStream {

    /// A partial run of a block before it runs as a whole: its outputs are thrown away.
    ///
    /// @param from  the first sequence
    /// @param to    one more than the last
    /// @param tap   sees it, and says which linears need not run
    /// @param after called when all these sequences have passed
    public record Rehearsal(int from, int to, Tap tap, Action after) {

        /// Something that may fail.
        @FunctionalInterface
        public interface Action {
            void run() throws IOException;
        }
    }

    /// Watches blocks, and may change them.
    public interface Visitor {

        /// Asked before a block runs: what has to run before, in this order. A weight that the model computes is asked
        /// for
        /// when the first run needs it, so that a model may wait for what a rehearsal finds.
        default List<Rehearsal> rehearsals(int block) {
            return List.of();
        }

        /// Asked before a sequence passes a block.
        ///
        /// @param block    counts from 0
        /// @param sequence its index in the list
        Tap tap(int block, int sequence);

        /// Called when all sequences have passed a block.
        ///
        /// @param weights the block's own; what [Weights#writable] gives may be changed in place
        /// @return whether the weights were changed; then all sequences pass the block again, untapped, for the
        ///         next block to read what comes out
        default boolean afterBlock(int block, Weights weights) throws IOException {
            return false;
        }

        /// Whether [#afterBlock] may change weights; then a block's inputs are kept until it is done.
        default boolean mayChange() {
            return true;
        }
    }

    /// Hears how far the pass is.
    @FunctionalInterface
    public interface Progress {

        Progress NONE = (_, _) -> {};

        /// Called when a block is finished.
        void finished(int blocks, int ofBlocks);

        /// Called when a sequence has passed a block.
        ///
        /// @param tokens that have passed, each counted once for every block
        default void passed(int block, int ofBlocks, long tokens, long ofTokens) {}
    }

    private final ReadableModel model;
    private final Decoder decoder;
    private final Placement placement;
    private final List<int[]> sequences;
    private final Visitor visitor;
    private final Progress progress;
    private final Map<Integer, Pass> passes = new HashMap<>();

    private BlockStream(
            ReadableModel model,
            Decoder decoder,
            Placement placement,
            List<int[]> sequences,
            Visitor visitor,
            Progress progress) {
        this.model = model;
        this.decoder = decoder;
        this.placement = placement;
        this.sequences = sequences;
        this.visitor = visitor;
        this.progress = progress;
    }

    /// Runs to the end on the calling thread, on which the visitor is called too.
    ///
    /// @param decoder   the model's description, from [LanguageModel#describe]
    /// @param sequences token ids, of any lengths
    /// @param resources what it computes on, and how much of the activations stays in memory
    /// @throws TokenIdsException when the model cannot take the ids
    public static void run(
            ReadableModel model,
            Decoder decoder,
            Precision precision,
            List<int[]> sequences,
            Resources resources,
            Visitor visitor,
            Progress progress)
            throws IOException {
        Sequences.check(decoder, sequences, 0);
        Placement placement = Placement.of(precision, resources.device());
        new BlockStream(model, decoder, placement, sequences, visitor, progress).run(resources);
    }

    /// The same with [Resources#standard].
    public static void run(
            ReadableModel model,
            Decoder decoder,
            Precision precision,
            List<int[]> sequences,
            Visitor visitor,
            Progress progress)
            throws IOException {
        run(model, decoder, precision, sequences, Resources.standard(), visitor, progress);
    }

    private void run(Resources resources) throws IOException {
        int generations = generations();
        long[][] shapes = new long[sequences.size() * generations][];
        for (int slot = 0; slot < shapes.length; slot++) {
            shapes[slot] = new long[] {1, sequences.get(slot / generations).length, decoder.width()};
        }
        try (Torch.Session _ = Torch.enter();
                Activations states = new Activations(shapes, placement, resources)) {
            embed(states);
            for (int block = 0; block < decoder.blocks().size(); block++) {
                pass(block, states);
                progress.finished(block + 1, decoder.blocks().size());
            }
        }
    }

    private void embed(Activations states) throws IOException {
        try (Weights weights = Weights.computed(model, decoder.embedding().slots(), placement)) {
            for (int i = 0; i < sequences.size(); i++) {
                int[] ids = sequences.get(i);
                Transformer transformer = new Transformer(weights, passOf(ids.length), Optional.empty(), Tap.NONE);
                try (PointerScope _ = new PointerScope()) {
                    states.set(
                            i * generations(), transformer.embed(decoder.embedding(), Torch.longs(ids, 1, ids.length)));
                }
            }
        }
    }

    private void pass(int index, Activations states) throws IOException {
        int generations = generations();
        Decoder.Block block = decoder.blocks().get(index);
        // Inputs and outputs of two generations take turns.
        int from = generations == 1 ? 0 : index % 2;
        int to = generations == 1 ? 0 : 1 - from;
        List<Rehearsal> rehearsals = visitor.rehearsals(index);
        try (Weights weights = rehearsals.isEmpty()
                ? Weights.computed(model, block.slots(), placement)
                : new Weights(model, block.slots(), placement)) {
            for (Rehearsal rehearsal : rehearsals) {
                rehearse(rehearsal, weights, index, states, from);
            }
            long tokens = index * tokens();
            for (int i = 0; i < sequences.size(); i++) {
                advance(weights, index, states, i * generations + from, i * generations + to, visitor.tap(index, i));
                tokens += sequences.get(i).length;
                progress.passed(
                        index,
                        decoder.blocks().size(),
                        tokens,
                        tokens() * decoder.blocks().size());
            }
            boolean changed;
            try (PointerScope _ = new PointerScope()) {
                changed = visitor.afterBlock(index, weights);
            }
            if (changed && generations == 1) {
                throw new IllegalStateException("the visitor changed weights, which it said it would not");
            }
            if (changed) {
                for (int i = 0; i < sequences.size(); i++) {
                    advance(weights, index, states, i * generations + from, i * generations + to, Tap.NONE);
                }
            }
        }
    }

    private void rehearse(Rehearsal rehearsal, Weights weights, int index, Activations states, int slot)
            throws IOException {
        Decoder.Block block = decoder.blocks().get(index);
        for (int i = rehearsal.from(); i < rehearsal.to(); i++) {
            Transformer transformer =
                    new Transformer(weights, passOf(sequences.get(i).length), Optional.empty(), rehearsal.tap());
            transformer.prepare(block);
            try (PointerScope _ = new PointerScope()) {
                transformer.block(block, index, states.get(i * generations() + slot));
            }
        }
        try (PointerScope _ = new PointerScope()) {
            rehearsal.after().run();
        }
    }

    private void advance(Weights weights, int index, Activations states, int from, int to, Tap tap) throws IOException {
        Decoder.Block block = decoder.blocks().get(index);
        Pass pass = passOf(sequences.get(from / generations()).length);
        Transformer transformer = new Transformer(weights, pass, Optional.empty(), tap);
        transformer.prepare(block);
        try (PointerScope _ = new PointerScope()) {
            Tensor state = states.get(from);
            states.set(to, transformer.block(block, index, state));
        }
    }

    /// Blocks that may change are run twice, so their inputs have slots of their own beside those of the outputs.
    private int generations() {
        return visitor.mayChange() ? 2 : 1;
    }

    private long tokens() {
        return sequences.stream().mapToLong(ids -> ids.length).sum();
    }

    /// Sequences of one length stand alike.
    private Pass passOf(int tokens) {
        return passes.computeIfAbsent(tokens, length -> Pass.of(1, length, placement));
    }
}
