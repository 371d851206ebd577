package org.lewis.calibrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.Layout;
import org.lewis.checkpoint.SafetensorsWriter;
import org.lewis.document.Json;
import org.lewis.model.Decoder;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// Writes a pack, first its Gram matrices as they come, then everything else. Closed before the end, it leaves nothing.
///
/// For each linear the file holds, in float64, `WEIGHT.input_squares`, `.input_magnitudes` and `.weight_squares`
/// `[in]`, and the numbers `.input_norm_sum`, `.output_norm_sum` and `.tokens`. A Gram matrix, float32 `[in,
/// in]`, is kept once for all linears that read the same tensor, as `.gram` of the first of them; the metadata
/// `gram_of` say which that is.
public final class PackWriter implements AutoCloseable {

    private final SafetensorsWriter file;

    private PackWriter(SafetensorsWriter file) {
        this.file = file;
    }

    /// For a pass through a model.
    ///
    /// @param info of the pack to be
    public static PackWriter create(Path file, PackInfo info, Decoder decoder) throws IOException {
        Map<String, Integer> features = new LinkedHashMap<>();
        Map<String, String> firsts = new LinkedHashMap<>();
        for (Decoder.Block block : decoder.blocks()) {
            block.linears().forEach(linear -> features.put(linear.weight(), linear.in()));
            firsts.putAll(InputGroups.firsts(block));
        }
        return create(file, info, features, info.gram() == PackInfo.Gram.FULL ? firsts : Map.of());
    }

    /// @param features input features of each linear
    /// @param gramOf   by linear the one under whose name its Gram matrix is kept; empty for none
    static PackWriter create(Path file, PackInfo info, Map<String, Integer> features, Map<String, String> gramOf)
            throws IOException {
        List<Layout.Slot> slots = new ArrayList<>();
        for (String first : new LinkedHashSet<>(gramOf.values())) {
            int in = features.get(first);
            slots.add(new Layout.Slot(first + Pack.GRAM, Dtype.F32, Shape.of(in, in)));
        }
        features.forEach((weight, in) -> {
            for (String each : List.of(Pack.INPUT_SQUARES, Pack.INPUT_MAGNITUDES, Pack.WEIGHT_SQUARES)) {
                slots.add(new Layout.Slot(weight + each, Dtype.F64, Shape.of(in)));
            }
            for (String one : List.of(Pack.INPUT_NORM, Pack.OUTPUT_NORM, Pack.TOKENS)) {
                slots.add(new Layout.Slot(weight + one, Dtype.F64, Shape.of()));
            }
        });
        Map<String, String> metadata = info.metadata();
        if (!gramOf.isEmpty()) {
            metadata.put("gram_of", Json.compact(gramOf));
        }
        return new PackWriter(SafetensorsWriter.open(file, slots, metadata));
    }

    /// Writes bytes of a Gram matrix.
    ///
    /// @param first the linear under whose name it is kept
    /// @param from  position of the first byte
    void gram(String first, long from, MemorySegment bytes) throws IOException {
        file.write(first + Pack.GRAM, from, bytes);
    }

    /// Writes the statistics and publishes the file.
    public void finish(Pack pack) throws IOException {
        for (Map.Entry<String, LinearStatistics> entry : pack.byWeight().entrySet()) {
            String weight = entry.getKey();
            LinearStatistics linear = entry.getValue();
            write(weight + Pack.INPUT_SQUARES, linear.inputSquares());
            write(weight + Pack.INPUT_MAGNITUDES, linear.inputMagnitudes());
            write(weight + Pack.WEIGHT_SQUARES, linear.weightSquares());
            write(weight + Pack.INPUT_NORM, linear.inputNormSum());
            write(weight + Pack.OUTPUT_NORM, linear.outputNormSum());
            write(weight + Pack.TOKENS, linear.tokens());
        }
        file.publish();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    static Map<String, Integer> features(Pack pack) {
        Map<String, Integer> features = new LinkedHashMap<>();
        pack.byWeight().forEach((weight, linear) -> features.put(weight, linear.inputSquares().length));
        return features;
    }

    private void write(String name, double... values) throws IOException {
        file.write(name, 0, Pack.bytes(values));
    }
}
