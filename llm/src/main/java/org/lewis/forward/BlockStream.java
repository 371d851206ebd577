package org.lewis.forward;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.model.Decoder;
import org.lewis.model.Slot;

/// The one way through a model: all batches through block 0, then all through block 1, and so on, so that the
/// weights of one block at a time need to be in memory. Only who reads what comes out of the last block makes the
/// head run.
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

        /// Asked before a block runs: what has to run before, in this order. A weight that the model computes is
        /// asked for when the first run needs it, so that a model may wait for what a rehearsal finds.
        default List<Rehearsal> rehearsals(int block) {
            return List.of();
        }

        /// Asked before a sequence passes a block, or a batch of them.
        ///
        /// @param block    counts from 0
        /// @param sequence its index in the list
        Tap tap(int block, int sequence);

        /// Called when a sequence has passed a block, in the order of sequences.
        default void passed(int block, int sequence) {}

        /// Whether taps may be called side by side on other threads, each for its own sequence, before those of earlier
        /// sequences have passed.
        default boolean isConcurrent() {
            return false;
        }

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

    /// Reads what comes out of the last block.
    @FunctionalInterface
    interface Outlet {

        /// @param stream normed, `[rows, tokens, width]`
        /// @param head   makes float32 logits `[..., vocabulary]` of any part of it
        void read(int batch, Tensor stream, UnaryOperator<Tensor> head) throws IOException;
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

    private final Parts parts;
    private final Decoder decoder;
    private final List<Batch> batches;
    private final Visitor visitor;
    private final Progress progress;
    private final SequenceRunner runner;

    /// @param parts of the decoder
    /// @param runner works where taps may be called side by side
    BlockStream(
            Parts parts,
            Decoder decoder,
            List<Batch> batches,
            Visitor visitor,
            Progress progress,
            SequenceRunner runner) {
        this.parts = parts;
        this.decoder = decoder;
        this.batches = batches;
        this.visitor = visitor;
        this.progress = progress;
        this.runner = runner;
    }

    /// The calibration pass: each sequence runs alone, so that nothing is ever padded, and the head does not run.
    /// Visitor and progress are called on the calling thread, and so are taps unless [Visitor#isConcurrent].
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
        Map<Integer, Pass> passes = new HashMap<>(); // sequences of one length stand alike
        List<Batch> alone = sequences.stream()
                .map(ids -> new Batch(
                        ids,
                        passes.computeIfAbsent(ids.length, length -> Pass.of(1, length, placement)),
                        Optional.empty()))
                .toList();
        try (SequenceRunner runner = SequenceRunner.of(resources.device(), alone.size())) {
            new BlockStream(Parts.apart(model, placement), decoder, alone, visitor, progress, runner)
                    .run(resources, Optional.empty());
        }
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

    /// @param outlet reads each batch at the end, in their order; its tap is asked for as that of one more block
    void run(Resources resources, Optional<Outlet> outlet) throws IOException {
        int generations = generations();
        long[][] shapes = new long[batches.size() * generations][];
        for (int slot = 0; slot < shapes.length; slot++) {
            Pass pass = batches.get(slot / generations).pass();
            shapes[slot] = new long[] {pass.rows(), pass.tokens(), decoder.width()};
        }
        int blocks = decoder.blocks().size();
        try (Torch.Session _ = Torch.enter();
                Activations states = new Activations(shapes, parts.placement(), resources)) {
            embed(states);
            for (int block = 0; block < blocks; block++) {
                pass(block, states);
                progress.finished(block + 1, blocks);
            }
            if (outlet.isPresent()) {
                read(states, outlet.get());
            }
        }
    }

    private void embed(Activations states) throws IOException {
        try (Parts.Part part = parts.open(decoder.embedding().slots())) {
            for (int i = 0; i < batches.size(); i++) {
                Transformer transformer = transformer(part.weights(), i, Tap.NONE);
                try (PointerScope _ = new PointerScope()) {
                    states.set(
                            slot(i, 0),
                            transformer.embed(
                                    decoder.embedding(), batches.get(i).tensor()));
                }
            }
        }
    }

    private void pass(int index, Activations states) throws IOException {
        Decoder.Block block = decoder.blocks().get(index);
        List<Rehearsal> rehearsals = visitor.rehearsals(index);
        try (Parts.Part part = rehearsals.isEmpty() ? parts.open(block.slots()) : parts.openLazily(block.slots())) {
            Weights weights = part.weights();
            for (Rehearsal rehearsal : rehearsals) {
                rehearse(rehearsal, weights, index, states);
            }
            advance(weights, index, states, batch -> visitor.tap(index, batch), visitor.isConcurrent(), report(index));
            boolean changed;
            try (PointerScope _ = new PointerScope()) {
                changed = visitor.afterBlock(index, weights);
            }
            if (changed && !visitor.mayChange()) {
                throw new IllegalStateException("the visitor changed weights, which it said it would not");
            }
            if (changed) {
                advance(weights, index, states, _ -> Tap.NONE, true, _ -> {});
            }
        }
    }

    /// Tells visitor and progress of batches that have passed a block.
    private IntConsumer report(int index) {
        int blocks = decoder.blocks().size();
        long all = Batch.tokens(batches) * blocks;
        AtomicLong tokens = new AtomicLong(Batch.tokens(batches) * index);
        return batch -> {
            visitor.passed(index, batch);
            progress.passed(index, blocks, tokens.addAndGet(batches.get(batch).ids().length), all);
        };
    }

    private void rehearse(Rehearsal rehearsal, Weights weights, int index, Activations states) throws IOException {
        Decoder.Block block = decoder.blocks().get(index);
        for (int i = rehearsal.from(); i < rehearsal.to(); i++) {
            Transformer transformer = transformer(weights, i, rehearsal.tap());
            transformer.prepare(block);
            try (PointerScope _ = new PointerScope()) {
                transformer.block(block, index, states.get(slot(i, index)));
            }
        }
        try (PointerScope _ = new PointerScope()) {
            rehearsal.after().run();
        }
    }

    private void advance(
            Weights weights,
            int index,
            Activations states,
            IntFunction<Tap> taps,
            boolean isConcurrent,
            IntConsumer done)
            throws IOException {
        Decoder.Block block = decoder.blocks().get(index);
        if (isConcurrent) {
            weights.prepare(block.slots());
        }
        SequenceRunner.Tasks tasks = batch -> {
            Transformer transformer = transformer(weights, batch, taps.apply(batch));
            transformer.prepare(block);
            return () -> {
                try (PointerScope _ = new PointerScope()) {
                    Tensor state = states.get(slot(batch, index));
                    states.set(slot(batch, index + 1), transformer.block(block, index, state));
                }
            };
        };
        (isConcurrent ? runner : SequenceRunner.ALONE).run(batches.size(), tasks, done);
    }

    private void read(Activations states, Outlet outlet) throws IOException {
        int end = decoder.blocks().size();
        List<Slot> slots = Stream.of(decoder.finalNorm().slots(), decoder.head().slots())
                .flatMap(List::stream)
                .toList();
        try (Parts.Part part = parts.open(slots)) {
            for (int i = 0; i < batches.size(); i++) {
                Transformer transformer = transformer(part.weights(), i, visitor.tap(end, i));
                try (PointerScope _ = new PointerScope()) {
                    Tensor normed = transformer.finish(decoder.finalNorm(), states.get(slot(i, end)));
                    outlet.read(i, normed, rows -> transformer.logits(decoder.head(), rows));
                }
            }
        }
    }

    private Transformer transformer(Weights weights, int batch, Tap tap) {
        return new Transformer(
                weights, batches.get(batch).pass(), batches.get(batch).cache(), tap);
    }

    /// Where a batch's input of a block lies. Inputs and outputs of two generations take turns.
    private int slot(int batch, int block) {
        return generations() == 1 ? batch : 2 * batch + block % 2;
    }

    /// Blocks that may change are run twice, so their inputs have slots of their own beside those of the outputs.
    private int generations() {
        return visitor.mayChange() ? 2 : 1;
    }
}
