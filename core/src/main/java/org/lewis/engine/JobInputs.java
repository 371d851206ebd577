package org.lewis.engine;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Layout;
import org.lewis.merge.Crew;
import org.lewis.merge.Inputs;
import org.lewis.merge.Tile;
import org.lewis.plan.TensorJob;
import org.lewis.tensor.ReadableTensor;
import org.lewis.vocabulary.GatheredTable;

/// The tensors that one job reads: from mapped files, or computed by an earlier stage.
record JobInputs(Optional<ReadableTensor> baseTensor, List<ReadableTensor> tensors) implements Inputs {

    /// @throws CheckpointException when a model lacks one of them
    static JobInputs of(TensorJob.Merged job, OpenPlan plan) throws CheckpointException {
        Optional<ReadableTensor> base = Optional.empty();
        if (job.base().isPresent()) {
            base = Optional.of(tensor(job.base().get(), plan));
        }
        List<ReadableTensor> tensors = new ArrayList<>();
        for (TensorJob.Input input : job.models()) {
            tensors.add(tensor(input, plan));
        }
        return new JobInputs(base, List.copyOf(tensors));
    }

    /// The same with other models.
    JobInputs with(List<? extends ReadableTensor> models) {
        return new JobInputs(baseTensor, List.copyOf(models));
    }

    private static ReadableTensor tensor(TensorJob.Input input, OpenPlan plan) throws CheckpointException {
        return switch (input) {
            case TensorJob.Source source -> plan.sources().tensor(source);
            case TensorJob.Stage stage -> MergedTensor.of(stage.name(), stage.job(), plan);
            case TensorJob.Rows rows -> gathered(rows, plan);
        };
    }

    private static ReadableTensor gathered(TensorJob.Rows rows, OpenPlan plan) throws CheckpointException {
        List<ReadableTensor> tables = new ArrayList<>();
        for (TensorJob.Input table : rows.tables()) {
            tables.add(tensor(table, plan));
        }
        Layout.Slot slot = rows.slot();
        return new GatheredTable(slot.name(), slot.dtype(), slot.shape(), tables, rows.model(), rows.origins());
    }

    /// Whether one of them is computed when it is read.
    boolean hasStages() {
        return !stages().isEmpty();
    }

    /// The same with everything that earlier stages make in memory, since a method may read its inputs often.
    ///
    /// @param arena owns that memory
    JobInputs computed(Arena arena, Crew crew) {
        return computed(arena, StageTensors.of(this, arena, crew));
    }

    /// The same within the computation of another tensor.
    ///
    /// @param stages has what others need, too
    JobInputs computed(Arena arena, StageTensors stages) {
        return new JobInputs(
                baseTensor.map(tensor -> computed(tensor, arena, stages)),
                tensors.stream().map(tensor -> computed(tensor, arena, stages)).toList());
    }

    private static ReadableTensor computed(ReadableTensor tensor, Arena arena, StageTensors stages) {
        return switch (tensor) {
            case MergedTensor merged -> stages.inMemory(merged, arena);
            // Of the other models' tables it reads few rows.
            case GatheredTable table
            when made(table).findAny().isPresent() -> table.withOwn(computed(table.own(), arena, stages));
            default -> tensor;
        };
    }

    /// Those that earlier stages make.
    List<MergedTensor> stages() {
        return Stream.concat(baseTensor.stream(), tensors.stream())
                .flatMap(JobInputs::made)
                .toList();
    }

    private static Stream<MergedTensor> made(ReadableTensor tensor) {
        return switch (tensor) {
            case MergedTensor merged -> Stream.of(merged);
            case GatheredTable table -> made(table.own());
            default -> Stream.empty();
        };
    }

    ReadableTensor tensor(int model) {
        return tensors.get(model);
    }

    ReadableTensor base() {
        return baseTensor.orElseThrow();
    }

    @Override
    public List<Long> dimensions() {
        return tensors.getFirst().shape().dimensions();
    }

    @Override
    public int models() {
        return tensors.size();
    }

    @Override
    public boolean hasBase() {
        return baseTensor.isPresent();
    }

    @Override
    public void read(int model, long from, int count, float[] target) {
        tensors.get(model).read(from, count, target);
    }

    @Override
    public void readBase(long from, int count, float[] target) {
        base().read(from, count, target);
    }

    /// Says that `[from, to)` of every tensor will not be read again soon.
    void release(long from, long to) {
        baseTensor.ifPresent(base -> base.release(from, to));
        tensors.forEach(tensor -> tensor.release(from, to));
    }

    /// A tile to read into, no longer than the tensor.
    Tile scratch() {
        return Tile.of((int) Math.min(Tile.SIZE, elements()), baseTensor.isPresent(), models());
    }

    /// The same arrays with the inputs of another range.
    Tile read(long from, int count, Tile scratch) {
        baseTensor.ifPresent(base -> base.read(from, count, scratch.base()));
        for (int model = 0; model < models(); model++) {
            read(model, from, count, scratch.models()[model]);
        }
        return scratch.at(from, count);
    }
}
