package org.lewis.forward;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.checkpoint.Safetensors;
import org.lewis.model.Decoder;

/// A tiny model with random weights and what transformers computes for it: logits, and for each linear of its blocks
/// the sum over all tokens of the square of each input feature.
public record Golden(Path folder, List<int[]> ids, float[] logits, Map<String, float[]> inputSquares) {

    public static Path root() {
        try {
            return Path.of(Golden.class.getResource("/goldens/forward").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Stream<String> families() throws IOException {
        try (Stream<Path> folders = Files.list(root())) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    public static Golden read(String family) throws IOException {
        Path folder = root().resolve(family);
        try (Safetensors expected = Safetensors.open(folder.resolve("expected.safetensors"))) {
            Map<String, float[]> squares = new TreeMap<>();
            expected.tensors().forEach((name, tensor) -> {
                if (name.startsWith("input_sqnorm.")) {
                    squares.put(name.substring("input_sqnorm.".length()), tensor.floats());
                }
            });
            int tokens =
                    Math.toIntExact(expected.tensors().get("input_ids").shape().columns());
            int[] all = Arrays.stream(
                            expected.tensors().get("input_ids").bytes().toArray(ValueLayout.JAVA_LONG_UNALIGNED))
                    .mapToInt(Math::toIntExact)
                    .toArray();
            List<int[]> ids = new ArrayList<>();
            for (int at = 0; at < all.length; at += tokens) {
                ids.add(Arrays.copyOfRange(all, at, at + tokens));
            }
            return new Golden(folder, ids, expected.tensors().get("logits").floats(), squares);
        }
    }

    /// A model that does what a description says, right or wrong.
    static LanguageModel model(ReadableModel files, Decoder decoder, long logitsAtOnce) {
        Parts parts = Parts.together(files, decoder, Placement.of(Precision.FLOAT32, Device.CPU));
        return new LanguageModel(new Passes(decoder, parts, Resources.standard(), logitsAtOnce), Optional.empty());
    }

    /// The largest difference as a share of the largest expected magnitude.
    public static double error(float[] found, float[] expected) {
        if (found.length != expected.length) {
            throw new AssertionError(found.length + " values where " + expected.length + " are expected");
        }
        double scale = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
            double difference = Math.abs((double) found[i] - expected[i]);
            worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
        }
        return worst / scale;
    }
}
