package org.lewis.engine;

import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// A merge that is not written: its tensors are computed while somebody reads them, to the bytes that [Merge] would
/// write.
public final class MergedModel implements AutoCloseable {

    private final Plan plan;
    private final Sources sources;
    private final Map<String, ReadableTensor> tensors;

    private MergedModel(Plan plan, Sources sources, Map<String, ReadableTensor> tensors) {
        this.plan = plan;
        this.sources = sources;
        this.tensors = tensors;
    }

    /// Opens the models of a recipe and plans the merge.
    ///
    /// @throws CheckpointException when models do not fit together
    /// @throws org.lewis.document.DocumentException when the recipe cannot be right, or wants guidance first
    public static MergedModel open(Recipe recipe, long seed) throws IOException {
        Merge.refuseGuidance(recipe);
        Sources sources = Sources.open(recipe);
        try {
            Plan plan = Plan.of(recipe, sources, seed);
            return new MergedModel(plan, sources, tensors(plan, sources));
        } catch (Throwable e) {
            sources.close();
            throw e;
        }
    }

    private static Map<String, ReadableTensor> tensors(Plan plan, Sources sources) throws CheckpointException {
        Map<String, ReadableTensor> tensors = new TreeMap<>();
        for (TensorJob job : plan.jobs()) {
            String name = job.slot().name();
            tensors.put(
                    name,
                    switch (job) {
                        case TensorJob.Merged merged -> MergedTensor.of(merged, sources);
                        case TensorJob.Copied copied -> {
                            Tensor tensor = sources.stored(copied.source());
                            yield new Tensor(name, tensor.dtype(), tensor.shape(), tensor.bytes());
                        }
                    });
        }
        return Collections.unmodifiableMap(tensors);
    }

    /// All tensors by name, valid until the model is closed. Reading one twice computes it twice.
    public Map<String, ReadableTensor> tensors() {
        return tensors;
    }

    /// The files beside the weights as they would be written, by name: `config.json`, the tokenizer's and others.
    public Map<String, byte[]> files() throws IOException {
        return OutputFiles.of(plan, sources);
    }

    public Plan plan() {
        return plan;
    }

    @Override
    public void close() {
        sources.close();
    }
}
