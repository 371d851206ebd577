package org.lewis.compare;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.Node;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// A model whose tensors have all been computed and lie in memory.
final class HeldModel implements ReadableModel {

    private final ReadableModel model;
    private final Arena arena;
    private final Map<String, Tensor> tensors;

    private HeldModel(ReadableModel model, Arena arena, Map<String, Tensor> tensors) {
        this.model = model;
        this.arena = arena;
        this.tensors = tensors;
    }

    /// Computes everything, on all threads.
    ///
    /// @param model is closed with the result, or when this fails
    static HeldModel of(ReadableModel model) {
        Arena arena = Arena.ofShared();
        try {
            Map<String, Tensor> tensors = model.tensors().entrySet().parallelStream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, entry -> entry.getValue().inMemory(arena), (a, _) -> a, TreeMap::new));
            return new HeldModel(model, arena, tensors);
        } catch (Throwable e) {
            arena.close();
            model.close();
            throw e;
        }
    }

    /// What the tensors of a model take.
    static long bytes(ReadableModel model) {
        return model.tensors().values().stream().mapToLong(HeldModel::bytes).sum();
    }

    private static long bytes(ReadableTensor tensor) {
        return tensor.dtype().bytes(tensor.elements());
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public Path folder() {
        return model.folder();
    }

    @Override
    public Node config() throws IOException {
        return model.config();
    }

    @Override
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        arena.close();
        model.close();
    }
}
