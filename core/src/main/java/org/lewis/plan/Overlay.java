package org.lewis.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Safetensors;
import org.lewis.recipe.Guided;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;
import org.lewis.tensor.ShiftedTensor;
import org.lewis.tensor.Tensor;

/// Tensors from calibration that take the place of a model's own, see [Guided].
record Overlay(Path file, Safetensors stored) implements AutoCloseable {

    static Overlay open(Path file) throws IOException {
        return new Overlay(file, Safetensors.open(file));
    }

    /// @param base whose tensors task vectors are added to
    /// @throws CheckpointException when the file is not for these models
    Map<String, ReadableTensor> on(
            Map<String, ? extends ReadableTensor> own, Map<String, ? extends ReadableTensor> base)
            throws CheckpointException {
        Map<String, ReadableTensor> tensors = new TreeMap<>(own);
        for (Map.Entry<String, Tensor> entry : stored.tensors().entrySet()) {
            boolean isTaskVector = entry.getKey().endsWith(Guided.TASK_VECTOR);
            String name = isTaskVector
                    ? entry.getKey().substring(0, entry.getKey().length() - Guided.TASK_VECTOR.length())
                    : entry.getKey();
            ReadableTensor replaced = tensors.get(name);
            ReadableTensor origin = base.get(name);
            if (replaced == null
                    || origin == null
                    || !replaced.shape().equals(entry.getValue().shape())) {
                throw new CheckpointException(file + ": " + entry.getKey() + " fits no tensor of the models");
            }
            tensors.put(
                    name,
                    isTaskVector
                            ? new ShiftedTensor(origin, entry.getValue())
                            : new StandIn(replaced, entry.getValue()));
        }
        return tensors;
    }

    /// A tensor in the place of another, which the result takes its dtype from.
    private record StandIn(ReadableTensor place, Tensor values) implements ReadableTensor {

        @Override
        public String name() {
            return place.name();
        }

        @Override
        public Dtype dtype() {
            return place.dtype();
        }

        @Override
        public Shape shape() {
            return place.shape();
        }

        @Override
        public void read(long from, int count, float[] target) {
            values.read(from, count, target);
        }
    }

    byte[] header() {
        return stored.header();
    }

    @Override
    public void close() {
        stored.close();
    }
}
