package org.lewis.guidance;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.checkpoint.Layout;
import org.lewis.checkpoint.Safetensors;
import org.lewis.checkpoint.SafetensorsWriter;
import org.lewis.merge.ColumnScales;
import org.lewis.model.Decoder;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// Scales of columns that an earlier run has found: a float32 tensor `MODEL:WEIGHT` for each linear layer of each
/// model, models counted from 0.
record ScaleFile(Path file) {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// @return whether there was a file that could be read
    boolean read(GuidedModels models, ScaleChoice choice) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (Safetensors stored = Safetensors.open(file)) {
            for (int model = 0; model < models.count(); model++) {
                for (Decoder.Linear linear : models.linears()) {
                    Tensor scales = stored.tensors().get(name(model, linear));
                    if (scales == null || scales.elements() != linear.in()) {
                        return false;
                    }
                    choice.put(model, linear, scales.floats());
                }
            }
            return true;
        } catch (IOException e) {
            return false; // made again, and written again
        }
    }

    /// @return why it could not be kept
    Optional<String> write(GuidedModels models, ScaleChoice choice) {
        Map<String, float[]> all = new LinkedHashMap<>();
        List<Layout.Slot> slots = new ArrayList<>();
        for (int model = 0; model < models.count(); model++) {
            for (Decoder.Linear linear : models.linears()) {
                ColumnScales scales = choice.of(model, linear.weight());
                all.put(name(model, linear), scales.columns().factors());
                slots.add(new Layout.Slot(name(model, linear), Dtype.F32, Shape.of(linear.in())));
            }
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (SafetensorsWriter writer =
                    SafetensorsWriter.open(file, slots, Map.of("format", "lewis scales of columns 1"))) {
                for (Map.Entry<String, float[]> entry : all.entrySet()) {
                    MemorySegment bytes = MemorySegment.ofArray(new byte[entry.getValue().length * Float.BYTES]);
                    MemorySegment.copy(entry.getValue(), 0, bytes, FLOAT, 0, entry.getValue().length);
                    writer.write(entry.getKey(), 0, bytes);
                }
                writer.publish();
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be kept for the next time: " + e.getMessage());
        }
    }

    private static String name(int model, Decoder.Linear linear) {
        return model + ":" + linear.weight();
    }
}
