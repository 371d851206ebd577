package org.lewis.forward;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.DocumentException;
import org.lewis.model.Decoder;
import org.lewis.model.Families;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// A model, ready to run. On the CPU weights stored in its precision are used where they are mapped; those that an
/// adapter or a merge computes are kept in memory. A GPU gets copies of all. A model whose weights have no room
/// together runs block by block, reading its weights anew in each pass, with the same results.
///
/// Token ids go in as they are: nothing is added to them. Use one model from one platform thread at a time; the library
/// spreads each operation over the processors itself.
public final class LanguageModel implements AutoCloseable {

    /// Hears what the model thinks of sequences.
    @FunctionalInterface
    public interface Scored {

        /// @param logProbabilities of each sequence, the natural logarithm of the probability of each token after the
        ///                         first, given those before it: as many as there are tokens, less one
        void accept(int batch, List<float[]> logProbabilities) throws IOException;
    }

    /// Hears how prompts go on.
    @FunctionalInterface
    public interface Continued {
        void accept(int batch, Generated generated) throws IOException;
    }

    /// Logits held at once, 64 MiB of them: long texts pass the head in pieces.
    static final long LOGITS_AT_ONCE = 1L << 24;

    private final Passes passes;
    private final Optional<ReadableModel> owned;

    LanguageModel(Passes passes, Optional<ReadableModel> owned) {
        this.passes = passes;
        this.owned = owned;
    }

    /// Opens a model that closes its files itself.
    ///
    /// @param folder a model folder of the HuggingFace layout
    /// @throws CheckpointException when weights and `config.json` do not fit
    /// @throws DocumentException   when `config.json` describes no model that can be run
    public static LanguageModel open(Path folder, Precision precision) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(folder);
        try {
            return open(checkpoint, precision, Resources.standard(), Optional.of(checkpoint));
        } catch (Throwable e) {
            checkpoint.close();
            throw e;
        }
    }

    /// Opens a model whose files are open already.
    ///
    /// @param model stays the caller's, who closes it after this one
    public static LanguageModel open(ReadableModel model, Precision precision) throws IOException {
        return open(model, precision, Resources.standard());
    }

    /// The same on a device, which is known to be there, and within a memory.
    public static LanguageModel open(ReadableModel model, Precision precision, Resources resources) throws IOException {
        return open(model, precision, resources, Optional.empty());
    }

    private static LanguageModel open(
            ReadableModel model, Precision precision, Resources resources, Optional<ReadableModel> owned)
            throws IOException {
        Decoder decoder = describe(model);
        Placement placement = Placement.of(precision, resources.device());
        Parts parts = resources.hold(Passes.weightBytes(decoder, placement))
                ? Parts.together(model, decoder, placement)
                : Parts.apart(model, placement);
        return new LanguageModel(new Passes(decoder, parts, resources, LOGITS_AT_ONCE), owned);
    }

    /// The description of a model, whose tensors have been found to be those that it owns.
    ///
    /// @throws CheckpointException listing every tensor that is missing, unexpected, or of another shape
    /// @throws DocumentException   when `config.json` describes no model that can be run
    public static Decoder describe(ReadableModel model) throws IOException {
        Decoder decoder = Families.describe(model.config(), model.tensors().keySet());
        Inventory.check(model, decoder);
        return decoder;
    }

    public Decoder decoder() {
        return passes.decoder();
    }

    /// Whether weights are read anew in each pass, block by block.
    public boolean isStreamed() {
        return passes.parts().areApart();
    }

    /// Logits of a full causal pass over sequences of one length.
    ///
    /// @param arena owns the result
    /// @return tensor `logits`, float32 `[batch, tokens, vocabulary]`
    /// @throws IllegalArgumentException when lengths differ, or the model cannot take the ids
    public org.lewis.tensor.Tensor logits(List<int[]> batch, Arena arena) throws IOException {
        return logits(batch, Tap.NONE, arena);
    }

    /// The same with a tap on every linear of the blocks and of the head.
    public org.lewis.tensor.Tensor logits(List<int[]> batch, Tap tap, Arena arena) throws IOException {
        Sequences.check(decoder(), batch, 0);
        int vocabulary = decoder().vocabulary();
        Shape shape = Shape.of(batch.size(), Sequences.commonLength(batch), vocabulary);
        MemorySegment all = arena.allocate(Dtype.F32.bytes(shape.elements()), Float.BYTES);
        passes.run(
                List.of(Batch.of(batch, passes.parts().placement())),
                tap,
                (_, stream, head) -> passes.inPieces(stream.flatten(0, 1), head, (from, logits) -> {
                    all.asSlice((long) from * vocabulary * Float.BYTES).copyFrom(Tensors.memory(logits));
                }));
        return new org.lewis.tensor.Tensor("logits", Dtype.F32, shape, all);
    }

    /// Puts sequences of like length together, to be scored as batches.
    ///
    /// @param rows at most so many sequences in a batch; a batch of several has at most 2048 tokens
    /// @return their indices, the shortest first
    public List<List<Integer>> batches(List<int[]> sequences, int rows) {
        return Likelihoods.batches(decoder(), sequences, rows);
    }

    /// The natural logarithm of the probability of each token after the first, given those before it.
    ///
    /// @return as many as there are tokens, less one
    /// @throws IllegalArgumentException when the model cannot take the ids
    public float[] logProbabilities(int[] ids) throws IOException {
        float[][] scores = new float[1][];
        logProbabilities(List.of(List.of(ids)), (_, ofBatch) -> scores[0] = ofBatch.getFirst());
        return scores[0];
    }

    /// The same of many sequences. Those of a batch run together, the shorter ones padded at the end, and are
    /// independent but for rounding.
    ///
    /// @param scored hears of the batches in their order
    public void logProbabilities(List<List<int[]>> batches, Scored scored) throws IOException {
        new Likelihoods(passes).of(batches, scored);
    }

    /// Continues each prompt with the likeliest token, again and again. All prompts run as one batch, of which each
    /// is independent but for rounding.
    ///
    /// @param prompts token ids, of any lengths
    /// @return the new tokens of each prompt
    /// @throws IllegalArgumentException when the model cannot take the ids, or not that many
    public List<int[]> generate(List<int[]> prompts, GenerationLimits limits) throws IOException {
        List<int[]> texts = new ArrayList<>();
        generate(
                List.of(new Continuation(prompts, limits, Sampling.GREEDY, StopCondition.NONE)),
                (_, generated) -> texts.addAll(generated.texts()));
        return texts;
    }

    /// The same of many batches, with other choices of tokens and other ends. Where weights are read block by block, as
    /// many batches as memory allows take each step together.
    public void generate(List<Continuation> batches, Continued continued) throws IOException {
        new Generations(passes).of(batches, continued);
    }

    /// How many tokens may have their keys and values in memory: prompts that are continued together should not have
    /// more, with what is added to them.
    public long tokensAtOnce() {
        return new Generations(passes).tokensAtOnce();
    }

    /// Frees the weights, and closes the files if the model opened them.
    @Override
    public void close() {
        passes.parts().close();
        owned.ifPresent(ReadableModel::close);
    }
}
