package org.lewis.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Folders;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// A merge that is not written: its tensors are computed while somebody reads them, to the bytes that [Merge] would
/// write.
public final class MergedModel implements ReadableModel {

    private final Plan plan;
    private final Sources sources;
    private final Map<String, ReadableTensor> tensors;
    private final Path folder;

    private MergedModel(OpenPlan open) throws IOException {
        this.plan = open.plan();
        this.sources = open.sources();
        this.tensors = tensors(open);
        Map<String, byte[]> files = OutputFiles.of(plan, sources);
        this.folder = Files.createTempDirectory("lewis-merged");
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
    }

    /// Opens the models of a recipe and plans the merge. With methods that must know whole models, reads these.
    ///
    /// @throws CheckpointException when models do not fit together
    /// @throws org.lewis.document.DocumentException when the recipe cannot be right, or wants guidance first
    public static MergedModel open(Recipe recipe, long seed) throws IOException {
        Merge.refuseGuidance(recipe);
        Sources sources = Sources.open(recipe);
        try {
            Plan plan = Plan.of(recipe, sources, seed);
            try (Workers workers = new Workers(Runtime.getRuntime().availableProcessors())) {
                return new MergedModel(OpenPlan.of(plan, sources, workers));
            }
        } catch (Throwable e) {
            sources.close();
            throw e;
        }
    }

    private static Map<String, ReadableTensor> tensors(OpenPlan open) throws CheckpointException {
        Map<String, ReadableTensor> tensors = new TreeMap<>();
        for (TensorJob job : open.plan().jobs()) {
            String name = job.slot().name();
            tensors.put(
                    name,
                    switch (job) {
                        case TensorJob.Merged merged -> MergedTensor.of(OpenPlan.RESULT, merged, open);
                        case TensorJob.Copied copied -> {
                            Tensor tensor = open.sources().stored(copied.source());
                            yield new Tensor(name, tensor.dtype(), tensor.shape(), tensor.bytes());
                        }
                    });
        }
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public String name() {
        return "the merged model";
    }

    /// Reading a tensor twice computes it twice.
    @Override
    public Map<String, ReadableTensor> tensors() {
        return tensors;
    }

    /// As it would be written.
    @Override
    public Node config() throws IOException {
        return Json.read(folder.resolve("config.json"));
    }

    /// A temporary folder with the files that would be written beside the weights, deleted by [#close].
    @Override
    public Path folder() {
        return folder;
    }

    public Plan plan() {
        return plan;
    }

    @Override
    public void close() {
        sources.close();
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
