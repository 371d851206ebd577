package org.lewis.forward;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.DocumentException;
import org.lewis.model.Decoder;
import org.lewis.model.Families;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// A whole model, ready to run. On the CPU weights stored in its precision are used where they are mapped; those that
/// an
/// adapter or a merge computes are kept in memory. A GPU gets copies of all.
///
/// Token ids go in as they are: nothing is added to them. Use one model from one platform thread at a time; the library
/// spreads each operation over the processors itself.
public final class LanguageModel implements AutoCloseable {

    /// Logits held at once, 64 MiB of them: long texts pass the head in pieces.
    private static final long LOGITS_AT_ONCE = 1L << 24;

    private final Decoder decoder;
    private final Weights weights;
    private final Optional<ReadableModel> owned;
    private final long logitsAtOnce;

    /// @param decoder      must have been checked against the model
    /// @param logitsAtOnce at least one row of logits is held anyway
    LanguageModel(
            Decoder decoder,
            ReadableModel model,
            Placement placement,
            Optional<ReadableModel> owned,
            long logitsAtOnce) {
        this.decoder = decoder;
        this.weights = Weights.computed(model, decoder.slots(), placement);
        this.owned = owned;
        this.logitsAtOnce = logitsAtOnce;
    }

    /// Opens a model that closes its files itself.
    ///
    /// @param folder a model folder of the HuggingFace layout
    /// @throws CheckpointException when weights and `config.json` do not fit
    /// @throws DocumentException   when `config.json` describes no model that can be run
    public static LanguageModel open(Path folder, Precision precision) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(folder);
        try {
            return new LanguageModel(
                    describe(checkpoint),
                    checkpoint,
                    Placement.of(precision, Device.CPU),
                    Optional.of(checkpoint),
                    LOGITS_AT_ONCE);
        } catch (Throwable e) {
            checkpoint.close();
            throw e;
        }
    }

    /// Opens a model whose files are open already.
    ///
    /// @param model stays the caller's, who closes it after this one
    public static LanguageModel open(ReadableModel model, Precision precision) throws IOException {
        return open(model, precision, Device.CPU);
    }

    /// The same on a device, which is known to be there.
    public static LanguageModel open(ReadableModel model, Precision precision, Device device) throws IOException {
        return new LanguageModel(
                describe(model), model, Placement.of(precision, device), Optional.empty(), LOGITS_AT_ONCE);
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
        return decoder;
    }

    /// Logits of a full causal pass over sequences of one length.
    ///
    /// @param arena owns the result
    /// @return tensor `logits`, float32 `[batch, tokens, vocabulary]`
    /// @throws IllegalArgumentException when lengths differ, or the model cannot take the ids
    public org.lewis.tensor.Tensor logits(List<int[]> batch, Arena arena) {
        return logits(batch, Tap.NONE, arena);
    }

    /// The same with a tap on every linear of the blocks and of the head.
    public org.lewis.tensor.Tensor logits(List<int[]> batch, Tap tap, Arena arena) {
        Sequences.check(decoder, batch, 0);
        int tokens = Sequences.commonLength(batch);
        Shape shape = Shape.of(batch.size(), tokens, decoder.vocabulary());
        MemorySegment all = arena.allocate(Dtype.F32.bytes(shape.elements()), Float.BYTES);
        headInPieces(batch, tokens, tap, (from, logits) -> {
            long offset = (long) from * decoder.vocabulary() * Float.BYTES;
            all.asSlice(offset).copyFrom(Tensors.memory(logits));
        });
        return new org.lewis.tensor.Tensor("logits", Dtype.F32, shape, all);
    }

    /// The natural logarithm of the probability of each token after the first, given those before it.
    ///
    /// @return as many as there are tokens, less one
    /// @throws IllegalArgumentException when the model cannot take the ids
    public float[] logProbabilities(int[] ids) {
        Sequences.check(decoder, List.of(ids), 0);
        float[] scores = new float[ids.length - 1];
        headInPieces(List.of(ids), ids.length, Tap.NONE, (from, logits) -> {
            int count = Math.min(Math.toIntExact(logits.size(0)), scores.length - from);
            if (count > 0) {
                long[] targets = new long[count];
                for (int i = 0; i < count; i++) {
                    targets[i] = ids[from + i + 1];
                }
                Tensor rows = logits.narrow(0, 0, count);
                Tensor chosen = rows.gather(1, weights.placement().place(Torch.longs(targets, count, 1)))
                        .squeeze(1);
                MemorySegment score = Tensors.memory(chosen.sub(rows.logsumexp(-1)));
                MemorySegment.copy(score, ValueLayout.JAVA_FLOAT, 0, scores, from, count);
            }
        });
        return scores;
    }

    /// Continues each prompt with the likeliest token, again and again. All prompts run as one batch, of which each
    /// is independent but for rounding.
    ///
    /// @param prompts token ids, of any lengths
    /// @return the new tokens of each prompt
    /// @throws IllegalArgumentException when the model cannot take the ids, or not that many
    public List<int[]> generate(List<int[]> prompts, GenerationLimits limits) {
        return generate(prompts, limits, Sampling.GREEDY, StopCondition.NONE).texts();
    }

    /// The same with other choices of tokens and other ends.
    public Generated generate(
            List<int[]> prompts, GenerationLimits limits, Sampling sampling, StopCondition condition) {
        Sequences.check(decoder, prompts, limits.maxNewTokens());
        return new Generation(decoder, weights, limits, sampling, condition).run(prompts);
    }

    /// Frees the weights, and closes the files if the model opened them.
    @Override
    public void close() {
        weights.close();
        owned.ifPresent(ReadableModel::close);
    }

    /// @param visitor gets the first row of each piece and its logits, `[rows, vocabulary]`; rows of a batch follow
    ///                one another
    private void headInPieces(List<int[]> batch, int tokens, Tap tap, BiConsumer<Integer, Tensor> visitor) {
        try (Torch.Session _ = Torch.enter()) {
            Pass pass = Pass.of(batch.size(), tokens, weights.placement());
            Transformer transformer = new Transformer(weights, pass, Optional.empty(), tap);
            Tensor ids = Torch.longs(Sequences.concatenated(batch), batch.size(), tokens);
            Tensor stream = transformer.run(decoder, ids).flatten(0, 1);
            int rows = batch.size() * tokens;
            int piece = Math.toIntExact(Math.max(1, logitsAtOnce / decoder.vocabulary()));
            for (int from = 0; from < rows; from += piece) {
                try (PointerScope _ = new PointerScope()) {
                    Tensor part = stream.narrow(0, from, Math.min(piece, rows - from));
                    visitor.accept(from, transformer.logits(decoder.head(), part));
                }
            }
        }
    }
}
