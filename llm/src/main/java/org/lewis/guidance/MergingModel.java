package org.lewis.guidance;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.Node;
import org.lewis.engine.MergedTensor;
import org.lewis.engine.OpenPlan;
import org.lewis.merge.Crew;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// The merged model while it comes to be: nothing is written, and tensors are made when the forward pass needs them.
/// Linear layers that calibration decides about are put in when it has.
final class MergingModel implements ReadableModel {

    private final Sources sources;
    private final OpenPlan plan;
    private final Map<String, TensorJob> jobs = new HashMap<>();
    private final Map<String, ReadableTensor> tensors = new TreeMap<>();
    private final Map<String, Tensor> decided = new HashMap<>();
    private Arena block = Arena.ofShared();

    private MergingModel(Plan plan, Sources sources) throws IOException {
        this.sources = sources;
        this.plan = OpenPlan.of(plan, sources, Crew.COMMON);
        for (TensorJob job : plan.jobs()) {
            jobs.put(job.slot().name(), job);
            tensors.put(
                    job.slot().name(),
                    switch (job) {
                        case TensorJob.Merged merged -> new Pending(MergedTensor.of(merged, this.plan));
                        case TensorJob.Copied copied -> sources.stored(copied.source());
                    });
        }
    }

    /// @param recipe whose guidance is done, or is of no interest
    /// @param seed   of the merge's random masks
    static MergingModel open(Recipe recipe, long seed) throws IOException {
        Sources sources = Sources.open(recipe);
        try {
            return new MergingModel(Plan.of(recipe, sources, seed), sources);
        } catch (Throwable e) {
            sources.close();
            throw e;
        }
    }

    /// A tensor that is made, unless calibration has put in another.
    private final class Pending implements ReadableTensor {

        private final MergedTensor merged;

        Pending(MergedTensor merged) {
            this.merged = merged;
        }

        @Override
        public String name() {
            return merged.name();
        }

        @Override
        public Dtype dtype() {
            return merged.dtype();
        }

        @Override
        public Shape shape() {
            return merged.shape();
        }

        @Override
        public void read(long from, int count, float[] target) {
            Tensor known = decided.get(name());
            (known == null ? merged : known).read(from, count, target);
        }

        @Override
        public Tensor inMemory(Arena arena) {
            Tensor known = decided.get(name());
            return known == null ? merged.inMemory(arena, Crew.COMMON) : known;
        }
    }

    /// The job of a linear layer's weight.
    TensorJob.Merged job(String weight) {
        return (TensorJob.Merged) jobs.get(weight);
    }

    /// What a job reads of a model.
    ReadableTensor model(TensorJob.Merged job, int model) throws IOException {
        return sources.tensor((TensorJob.Source) job.models().get(model));
    }

    /// What a job reads of the base.
    ReadableTensor base(TensorJob.Merged job) throws IOException {
        return sources.tensor((TensorJob.Source) job.base().orElseThrow());
    }

    /// Merges a weight with the models given in place of its job's own, for the forward pass to go on with.
    void decide(TensorJob.Merged job, List<? extends ReadableTensor> models) throws IOException {
        put(MergedTensor.of(job, plan, models).inMemory(block, Crew.COMMON));
    }

    /// Merges a weight as a job says, likewise.
    void decide(TensorJob.Merged job) throws IOException {
        put(MergedTensor.of(job, plan).inMemory(block, Crew.COMMON));
    }

    private void put(Tensor merged) {
        decided.put(merged.name(), merged);
    }

    /// Begins a block, and frees what was put in for the one before.
    void enter() {
        decided.clear();
        block.close();
        block = Arena.ofShared();
    }

    @Override
    public String name() {
        return "the merge";
    }

    @Override
    public Path folder() {
        return sources.checkpoint(0).folder();
    }

    @Override
    public Node config() throws IOException {
        return sources.checkpoint(0).config();
    }

    @Override
    public Map<String, ReadableTensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        block.close();
        sources.close();
    }
}
