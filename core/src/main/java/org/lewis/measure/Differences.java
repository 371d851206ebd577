package org.lewis.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.model.TensorNames;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;

/// How fine-tunes differ from their base, tensor by tensor.
///
/// @param tensors in the order of their names
/// @param notes   what could not be compared, and names that were matched
public record Differences(int models, List<OfTensor> tensors, List<String> notes) {

    /// @param layer empty outside the layers
    /// @param component what the tensor is in its layer, by [TensorNames#component]
    public record OfTensor(
            String name, Optional<Integer> layer, String component, Shape shape, Difference difference) {}

    /// Hears how far it is, in elements of the base.
    @FunctionalInterface
    public interface Progress {

        Progress NONE = (_, _) -> {};

        void done(long elements, long ofElements);
    }

    public Differences {
        tensors = List.copyOf(tensors);
        notes = List.copyOf(notes);
    }

    /// Reads every model once, tensor after tensor, each on all threads.
    ///
    /// @throws CheckpointException when the models have no tensor in common
    public static Differences of(ReadableModel base, List<? extends ReadableModel> tuned, Progress progress)
            throws CheckpointException {
        Alignment alignment = new Alignment(base, tuned);
        Map<String, List<ReadableTensor>> common = alignment.common();
        if (common.isEmpty()) {
            throw new CheckpointException(base.name() + ": has no tensor in common with "
                    + tuned.stream().map(ReadableModel::name).collect(Collectors.joining(", ")));
        }
        long total = common.keySet().stream()
                .mapToLong(name -> base.tensors().get(name).elements())
                .sum();
        long done = 0;
        List<OfTensor> tensors = new ArrayList<>();
        for (Map.Entry<String, List<ReadableTensor>> entry : common.entrySet()) {
            String name = entry.getKey();
            ReadableTensor origin = base.tensors().get(name);
            tensors.add(new OfTensor(
                    name,
                    TensorNames.layer(name),
                    TensorNames.component(name),
                    origin.shape(),
                    Difference.of(origin, entry.getValue())));
            done += origin.elements();
            progress.done(done, total);
        }
        return new Differences(tuned.size(), tensors, alignment.notes());
    }

    /// All tensors taken together.
    public Difference total() {
        return sum(tensors);
    }

    /// The same component of all layers taken together, in the order of names.
    public Map<String, Difference> byComponent() {
        return grouped(OfTensor::component);
    }

    /// The tensors of each layer taken together; those outside the layers are left out.
    public Map<Integer, Difference> byLayer() {
        return grouped(tensor -> tensor.layer().orElse(-1)).entrySet().stream()
                .filter(entry -> entry.getKey() >= 0)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, TreeMap::new));
    }

    private <K extends Comparable<K>> Map<K, Difference> grouped(Function<OfTensor, K> key) {
        Map<K, Difference> groups = new TreeMap<>();
        tensors.stream()
                .collect(Collectors.groupingBy(key, TreeMap::new, Collectors.toList()))
                .forEach((name, members) -> groups.put(name, sum(members)));
        return groups;
    }

    private Difference sum(List<OfTensor> members) {
        return Difference.sum(models, members.stream().map(OfTensor::difference).toList());
    }
}
