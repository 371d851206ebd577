package org.lewis.guidance;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.GramMatrix;
import org.lewis.calibrate.GramPass;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Layout;
import org.lewis.checkpoint.SafetensorsWriter;
import org.lewis.forward.Tensors;
import org.lewis.model.Decoder;
import org.lewis.plan.TensorJob;
import org.lewis.tensor.Dtype;

/// The linear layers that a [Regression] has solved for, written one after the other.
final class SolvedLayers implements GramPass.Listener, AutoCloseable {

    private final double alpha;
    private final MergingModel merging;
    private final List<CalibrationText> texts;
    private final SafetensorsWriter file;
    private final Map<String, Regression> open = new HashMap<>();

    private SolvedLayers(double alpha, MergingModel merging, List<CalibrationText> texts, SafetensorsWriter file) {
        this.alpha = alpha;
        this.merging = merging;
        this.texts = texts;
        this.file = file;
    }

    /// @param merging puts each layer into the model that runs
    /// @param texts   of each model
    static SolvedLayers create(
            double alpha, GuidedModels models, MergingModel merging, List<CalibrationText> texts, Path target)
            throws IOException {
        List<Layout.Slot> slots = new ArrayList<>();
        for (Decoder.Linear linear : models.linears()) {
            slots.add(new Layout.Slot(linear.weight(), Dtype.F32, Matrices.shape(linear)));
        }
        SafetensorsWriter file = SafetensorsWriter.open(target, slots, Map.of("format", "lewis solved layers 1"));
        return new SolvedLayers(alpha, merging, texts, file);
    }

    @Override
    public void enter(int block) {
        merging.enter();
    }

    @Override
    public void gram(int text, List<Decoder.Linear> group, GramMatrix gram) throws IOException {
        add(text, group, gram.matrix().cpu());
    }

    /// Adds a model's part to a group, and solves it with the last model's.
    void add(int model, List<Decoder.Linear> group, Tensor gram) throws IOException {
        Decoder.Linear first = group.getFirst();
        Regression regression = open.computeIfAbsent(
                first.weight(),
                _ -> new Regression(
                        alpha,
                        first.in(),
                        group.stream().map(Decoder.Linear::out).toList()));
        List<Tensor> layers = new ArrayList<>();
        for (Decoder.Linear linear : group) {
            layers.add(Matrices.turned(linear, Matrices.weight(merging.model(merging.job(linear.weight()), model))));
        }
        double weight =
                merging.job(first.weight()).settings().models().get(model).get("weight");
        regression.add(gram, texts.get(model).sequences().size(), weight, layers);
        if (model == texts.size() - 1) {
            try (Regression whole = open.remove(first.weight())) {
                write(group, whole.solve());
            } catch (CheckpointException e) {
                throw new CheckpointException(first.weight() + ": " + e.getMessage());
            }
        }
    }

    private void write(List<Decoder.Linear> group, List<Tensor> solution) throws IOException {
        for (int i = 0; i < group.size(); i++) {
            Decoder.Linear linear = group.get(i);
            MemorySegment bytes = Tensors.memory(Matrices.turned(linear, solution.get(i)));
            file.write(linear.weight(), 0, bytes);
            TensorJob.Merged job = merging.job(linear.weight());
            org.lewis.tensor.Tensor solved =
                    new org.lewis.tensor.Tensor(linear.weight(), Dtype.F32, Matrices.shape(linear), bytes);
            merging.decide(job, Collections.nCopies(job.models().size(), solved));
        }
    }

    void publish() throws IOException {
        file.publish();
    }

    @Override
    public void close() throws IOException {
        open.values().forEach(Regression::close);
        file.close();
    }
}
