package org.lewis.forward;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.model.Slot;
import org.lewis.tensor.ReadableTensor;

/// Weights of one part of a model, ready to compute with. On the CPU those that are stored in the model's
/// precision are views of the mapped file; others are converted, or copied to the device, or computed as adapted
/// and merged ones are, at first use.
public final class Weights implements AutoCloseable {

    private final Arena computed = Arena.ofShared();
    private final ReadableModel model;
    private final Set<String> names;
    private final Map<String, org.lewis.tensor.Tensor> stored = new ConcurrentHashMap<>();
    private final Placement placement;
    private final Map<String, Tensor> ready = new HashMap<>();
    private final Set<String> own = new HashSet<>();

    Weights(ReadableModel model, List<Slot> slots, Placement placement) {
        this.model = model;
        this.names = slots.stream().map(Slot::tensor).collect(Collectors.toCollection(TreeSet::new));
        this.placement = placement;
    }

    /// The same with everything computed that is not stored, on all threads.
    static Weights computed(ReadableModel model, List<Slot> slots, Placement placement) {
        Weights weights = new Weights(model, slots, placement);
        try {
            weights.names.parallelStream().forEach(weights::find);
            return weights;
        } catch (Throwable e) {
            weights.close();
            throw e;
        }
    }

    /// The tensors' names, sorted.
    public Set<String> names() {
        return Collections.unmodifiableSet(names);
    }

    /// Makes some ready, which then can be got on several threads.
    void prepare(List<Slot> slots) {
        slots.forEach(slot -> get(slot.tensor()));
    }

    /// In the model's precision, to read only: it may lie in a mapped file.
    ///
    /// @throws IllegalArgumentException when this part has no tensor of that name
    public Tensor get(String name) {
        Tensor tensor = ready.get(name);
        return tensor == null ? prepare(name) : tensor;
    }

    /// A private copy in the model's precision, to be changed in place; from now on the model computes with it.
    ///
    /// @throws IllegalArgumentException when this part has no tensor of that name
    public Tensor writable(String name) {
        Tensor tensor = get(name);
        if (own.contains(name)) {
            return tensor;
        }
        Tensor copy = Torch.retain(tensor.clone());
        Torch.release(tensor);
        ready.put(name, copy);
        own.add(name);
        return copy;
    }

    /// A view in whatever dtype is stored; for tables of which a few rows are read.
    Tensor stored(String name) {
        org.lewis.tensor.Tensor tensor = find(name);
        long[] shape =
                tensor.shape().dimensions().stream().mapToLong(Long::longValue).toArray();
        MemorySegment bytes = tensor.bytes();
        ScalarType type = scalarType(tensor);
        if (isAligned(tensor)) {
            return Torch.view(bytes, type, shape);
        }
        Tensor aligned = torch.empty(shape, new TensorOptions(type), null);
        Torch.memory(aligned).copyFrom(bytes);
        return aligned;
    }

    Placement placement() {
        return placement;
    }

    /// Frees what was made, and lets go of the pages of mapped files.
    @Override
    public void close() {
        ready.values().forEach(Torch::release);
        ready.clear();
        computed.close();
        for (String name : names) {
            ReadableTensor tensor = model.tensors().get(name);
            tensor.release(0, tensor.elements());
        }
    }

    private Tensor prepare(String name) {
        Tensor stored = stored(name);
        Tensor tensor = Torch.retain(placement.convert(stored));
        ready.put(name, tensor);
        if (!tensor.is_same(stored) || !isAligned(find(name))) {
            own.add(name);
        }
        return tensor;
    }

    private static boolean isAligned(org.lewis.tensor.Tensor tensor) {
        return tensor.bytes().address() % (tensor.dtype().bits() / Byte.SIZE) == 0;
    }

    private org.lewis.tensor.Tensor find(String name) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException("no tensor " + name + " among " + names);
        }
        return stored.computeIfAbsent(
                name, missing -> model.tensors().get(missing).inMemory(computed));
    }

    private static ScalarType scalarType(org.lewis.tensor.Tensor tensor) {
        return switch (tensor.dtype()) {
            case F32 -> ScalarType.Float;
            case BF16 -> ScalarType.BFloat16;
            case F16 -> ScalarType.Half;
            case F64 -> ScalarType.Double;
            default -> throw new IllegalArgumentException(tensor.name() + ": cannot compute with " + tensor.dtype());
        };
    }
}
