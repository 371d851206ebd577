package org.lewis.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.merge.Crew;
import org.lewis.merge.Method;
import org.lewis.plan.TensorJob;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// A tensor that a job makes, computed while it is read: the very values that a merge would write, rounded alike.
///
/// The first read finds out what the method has to know of whole tensors. After that any range costs its own
/// arithmetic, again each time; who reads a tensor often takes it [#inMemory].
public final class MergedTensor implements ReadableTensor {

    private final String stage;
    private final TensorJob.Merged job;
    private final Method method;
    private final JobInputs inputs;
    private Blending blending;

    private MergedTensor(String stage, TensorJob.Merged job, Method method, JobInputs inputs) {
        this.stage = stage;
        this.job = job;
        this.method = method;
        this.inputs = inputs;
    }

    /// @param stage of the job
    /// @param plan  must stay open while the tensor is read
    /// @throws CheckpointException when a model lacks a tensor that the job needs
    static MergedTensor of(String stage, TensorJob.Merged job, OpenPlan plan) throws CheckpointException {
        return new MergedTensor(stage, job, plan.method(stage, job), JobInputs.of(job, plan));
    }

    /// For a job of the plan itself, not of its stages.
    ///
    /// @throws CheckpointException likewise
    public static MergedTensor of(TensorJob.Merged job, OpenPlan plan) throws CheckpointException {
        return of(OpenPlan.RESULT, job, plan);
    }

    /// The same with other models.
    ///
    /// @param models take the places of the job's own
    public static MergedTensor of(TensorJob.Merged job, OpenPlan plan, List<? extends ReadableTensor> models)
            throws CheckpointException {
        return new MergedTensor(
                OpenPlan.RESULT,
                job,
                plan.method(OpenPlan.RESULT, job),
                JobInputs.of(job, plan).with(models));
    }

    /// What it is within a plan.
    StageTensors.Key key() {
        return new StageTensors.Key(stage, name());
    }

    JobInputs inputs() {
        return inputs;
    }

    @Override
    public String name() {
        return job.slot().name();
    }

    @Override
    public Dtype dtype() {
        return job.slot().dtype();
    }

    @Override
    public Shape shape() {
        return job.slot().shape();
    }

    @Override
    public void read(long from, int count, float[] target) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(dtype().bytes(count))]);
        prepared().write(from, from + count, bytes);
        new Tensor(name(), dtype(), Shape.of(count), bytes).read(0, count, target);
    }

    /// The whole, with what earlier stages make held for as long as it takes.
    ///
    /// @param arena owns the result
    public Tensor inMemory(Arena arena, Crew crew) {
        try (Arena stages = Arena.ofShared()) {
            return inMemory(arena, crew, inputs.computed(stages, crew));
        }
    }

    /// The same as a part of another tensor.
    ///
    /// @param tensors what others need, too
    Tensor inMemory(Arena arena, Crew crew, StageTensors tensors) {
        try (Arena stages = Arena.ofShared()) {
            return inMemory(arena, crew, inputs.computed(stages, tensors));
        }
    }

    private Tensor inMemory(Arena arena, Crew crew, JobInputs held) {
        Blending whole = new Blending(held, method.prepare(held, job.settings(), crew), dtype());
        MemorySegment bytes = arena.allocate(dtype().bytes(elements()), Long.BYTES);
        crew.mapChunks(elements(), (from, to) -> {
            long nonFinite = whole.write(from, to, bytes.asSlice(dtype().bytes(from), dtype().bytes(to - from)));
            held.release(from, to);
            return nonFinite;
        });
        return new Tensor(name(), dtype(), shape(), bytes);
    }

    @Override
    public Tensor inMemory(Arena arena) {
        return inMemory(arena, Crew.ALONE);
    }

    private synchronized Blending prepared() {
        if (blending == null) {
            blending = new Blending(inputs, method.prepare(inputs, job.settings(), Crew.ALONE), dtype());
        }
        return blending;
    }
}
