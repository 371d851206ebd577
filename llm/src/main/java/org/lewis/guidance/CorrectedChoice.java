package org.lewis.guidance;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Layout;
import org.lewis.checkpoint.SafetensorsWriter;
import org.lewis.forward.Tensors;
import org.lewis.merge.Guides;
import org.lewis.model.Decoder;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Guided;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.ShiftedTensor;

/// Chooses by error-corrected pruning, and writes the pruned task vectors of each model into a file of their own.
final class CorrectedChoice implements Choice, AutoCloseable {

    private final ErrorCorrection correction;
    private final Shares shares;
    private final MergingModel source;
    private final List<SafetensorsWriter> files = new ArrayList<>();
    private final Map<String, ReadableTensor[]> pruned = new HashMap<>();
    private final boolean keeps;
    private Arena vectors = Arena.ofShared();

    /// @param linears  of the blocks
    /// @param targets  a file for each model
    /// @param metadata of each file
    /// @param keeps    whether pruned task vectors stay in memory until they are merged
    CorrectedChoice(
            ErrorCorrection correction,
            Shares shares,
            MergingModel source,
            List<Decoder.Linear> linears,
            List<Path> targets,
            Map<String, String> metadata,
            boolean keeps)
            throws IOException {
        this.correction = correction;
        this.shares = shares;
        this.source = source;
        this.keeps = keeps;
        List<Layout.Slot> slots = new ArrayList<>();
        for (Decoder.Linear linear : linears) {
            slots.add(new Layout.Slot(linear.weight() + Guided.TASK_VECTOR, Dtype.F32, Matrices.shape(linear)));
        }
        try {
            for (Path target : targets) {
                files.add(SafetensorsWriter.open(target, slots, metadata));
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    @Override
    public void choose(int model, Decoder.Linear linear, InverseHessian inverse) throws IOException {
        TensorJob.Merged job = source.job(linear.weight());
        try (PointerScope _ = new PointerScope()) {
            Tensor vector = Matrices.turned(linear, Matrices.taskVector(source.model(job, model), source.base(job)));
            double share = shares.of(model, linear.weight());
            if (share < 1 || correction.pattern().isPresent()) {
                correction.prune(vector, inverse, share);
            }
            MemorySegment bytes = Tensors.memory(Matrices.turned(linear, vector));
            files.get(model).write(linear.weight() + Guided.TASK_VECTOR, 0, bytes);
            if (keeps) {
                keep(model, linear, bytes, source.base(job));
            }
        } catch (CheckpointException e) {
            throw new CheckpointException(linear.weight() + ": " + e.getMessage());
        }
    }

    private void keep(int model, Decoder.Linear linear, MemorySegment bytes, ReadableTensor base) {
        MemorySegment copy = vectors.allocate(bytes.byteSize(), Float.BYTES).copyFrom(bytes);
        pruned.computeIfAbsent(linear.weight(), _ -> new ReadableTensor[files.size()])[model] = new ShiftedTensor(
                base, new org.lewis.tensor.Tensor(base.name(), Dtype.F32, Matrices.shape(linear), copy));
    }

    @Override
    public void merge(Decoder.Linear linear, MergingModel into) throws IOException {
        into.decide(into.job(linear.weight()), List.of(pruned.remove(linear.weight())));
        if (pruned.isEmpty()) {
            vectors.close();
            vectors = Arena.ofShared();
        }
    }

    @Override
    public Map<String, Guides> guides() {
        return Map.of();
    }

    /// Puts the files where they belong.
    void publish() throws IOException {
        for (SafetensorsWriter file : files) {
            file.publish();
        }
    }

    @Override
    public void close() throws IOException {
        vectors.close();
        for (SafetensorsWriter file : files) {
            file.close();
        }
    }
}
