package org.lewis.calibrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.tensor.Tensor;

/// Adds packs up: what comes out is the pack of one pass over all their samples.
///
/// A sample's share in a sum is a float32 and the sum is float64, so that sums are exact, and their order does not
/// matter, unless shares differ by more than a factor of 2^29. Gram matrices are added in float64 and rounded once.
public final class PackMerge {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Elements of a Gram matrix that are added at once.
    private static final int CHUNK = 1 << 20;

    private PackMerge() {}

    /// @throws CheckpointException when the packs cannot be added up
    public static Pack merge(List<Path> files, Path target) throws IOException {
        List<Safetensors> stored = new ArrayList<>();
        try {
            for (Path file : files) {
                stored.add(Safetensors.open(file));
            }
            Pack sum = sum(files, stored);
            Map<String, String> gramOf = gramOf(files.getFirst(), stored.getFirst());
            try (PackWriter writer = PackWriter.create(target, sum.info(), PackWriter.features(sum), gramOf)) {
                for (String first : new LinkedHashSet<>(gramOf.values())) {
                    add(first, files, stored, writer);
                }
                writer.finish(sum);
            }
            return sum;
        } finally {
            stored.forEach(Safetensors::close);
        }
    }

    private static Pack sum(List<Path> files, List<Safetensors> stored) throws IOException {
        Pack sum = Pack.read(files.getFirst(), stored.getFirst());
        for (int i = 1; i < files.size(); i++) {
            Pack next = Pack.read(files.get(i), stored.get(i));
            try {
                sum = plus(sum, next);
            } catch (IllegalArgumentException e) {
                throw new CheckpointException(files.getFirst() + " and " + files.get(i) + ": " + e.getMessage());
            }
        }
        return sum;
    }

    private static Pack plus(Pack one, Pack other) {
        PackInfo info = one.info().plus(other.info());
        if (!PackWriter.features(one).equals(PackWriter.features(other))) {
            throw new IllegalArgumentException("the packs have different linear layers");
        }
        Map<String, LinearStatistics> byWeight = new LinkedHashMap<>();
        one.byWeight().forEach((weight, linear) -> byWeight.put(weight, linear.plus(other.of(weight))));
        return new Pack(info, byWeight);
    }

    private static Map<String, String> gramOf(Path file, Safetensors stored) throws CheckpointException {
        Map<String, String> gramOf = new LinkedHashMap<>();
        try {
            Json.parse(file + ": gram_of", stored.metadata().getOrDefault("gram_of", "{}"))
                    .mapping()
                    .forEach((weight, first) -> gramOf.put(weight, first.text()));
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
        return gramOf;
    }

    private static void add(String first, List<Path> files, List<Safetensors> stored, PackWriter writer)
            throws IOException {
        List<Tensor> grams = new ArrayList<>();
        for (int i = 0; i < stored.size(); i++) {
            Tensor gram = stored.get(i).tensors().get(first + Pack.GRAM);
            if (gram == null
                    || !gram.shape()
                            .equals(stored.getFirst()
                                    .tensors()
                                    .get(first + Pack.GRAM)
                                    .shape())) {
                throw new CheckpointException(files.get(i) + ": " + first + Pack.GRAM + " is missing or misshapen");
            }
            grams.add(gram);
        }
        float[] values = new float[CHUNK];
        double[] sums = new double[CHUNK];
        for (long from = 0; from < grams.getFirst().elements(); from += CHUNK) {
            int count = (int) Math.min(CHUNK, grams.getFirst().elements() - from);
            Arrays.fill(sums, 0);
            for (Tensor gram : grams) {
                gram.read(from, count, values);
                for (int i = 0; i < count; i++) {
                    sums[i] += values[i];
                }
            }
            MemorySegment rounded = MemorySegment.ofArray(new byte[count * Float.BYTES]);
            for (int i = 0; i < count; i++) {
                rounded.set(FLOAT, (long) i * Float.BYTES, (float) sums[i]);
            }
            writer.gram(first, from * Float.BYTES, rounded);
        }
    }
}
