package org.lewis.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.lewis.checkpoint.CheckpointWriter;
import org.lewis.checkpoint.Layout;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// What the JVM watches once, after a build, to learn what the first moments of a command need.
///
/// The launcher runs it to make the AOT cache. It should touch what most commands touch, and take a few seconds.
final class Training {

    private static final int LAYERS = 24;

    /// More than one chunk of work, so that what deals with large tensors is seen too.
    private static final Shape LARGE = Shape.of(640, 1024);

    private static final Shape SMALL = Shape.of(4, 1024);

    /// Each with what its two models say of themselves.
    private static final Map<String, String> METHODS = new TreeMap<>(Map.of(
            "linear", "{weight: 0.5}",
            "slerp", "{}",
            "task_arithmetic", "{weight: [0.5, 1]}",
            "ties", "{density: 0.5, weight: [0.5, 1]}",
            "dare_ties", "{density: 0.5, weight: 0.5}",
            "della", "{density: 0.5, weight: 0.5}",
            "sce", "{}",
            "model_stock", "{}"));

    private static final PrintStream NOWHERE =
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);

    private Training() {}

    static void main() throws IOException {
        run("--help");
        run("--version");
        run("mistaken");
        new Lewis(NOWHERE, NOWHERE).commands().getSubcommands().keySet().forEach(command -> run(command, "--help"));
        Path folder = Files.createTempDirectory("lewis-training");
        try {
            merge(folder);
        } finally {
            delete(folder);
        }
        Main.main(new String[] {"--version"}); // whose exit takes classes of its own
    }

    private static void merge(Path folder) throws IOException {
        writeModel(folder.resolve("base"), 1);
        writeModel(folder.resolve("math"), 2);
        writeModel(folder.resolve("code"), 3);
        for (String method : METHODS.keySet()) {
            Path recipe = Files.writeString(folder.resolve(method + ".yaml"), recipe(method));
            run(
                    "merge",
                    "--force",
                    "--threads",
                    "2",
                    recipe.toString(),
                    "-o",
                    folder.resolve("merged").toString());
        }
        run("inspect", folder.resolve("merged").toString());
    }

    private static String recipe(String method) {
        String model = "  - {model: %s, parameters: " + METHODS.get(method) + "}\n";
        return "merge_method: " + method + "\nbase_model: base\ndtype: bfloat16\nparameters: "
                + switch (method) {
                    case "slerp" -> "{t: 0.5}\nmodels:\n" + model.formatted("math");
                    case "sce" -> "{select_topk: 0.5}\nmodels:\n" + model.formatted("math") + model.formatted("code");
                    default -> "{}\nmodels:\n" + model.formatted("math") + model.formatted("code");
                };
    }

    /// A model with as many tensors as a small real one has.
    private static void writeModel(Path folder, long seed) throws IOException {
        List<Layout.Slot> slots = new ArrayList<>();
        slots.add(new Layout.Slot("model.embed_tokens.weight", Dtype.BF16, LARGE));
        for (int layer = 0; layer < LAYERS; layer++) {
            for (String part : List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")) {
                slots.add(new Layout.Slot("model.layers." + layer + "." + part + ".weight", Dtype.BF16, SMALL));
            }
        }
        SplittableRandom random = new SplittableRandom(seed);
        try (CheckpointWriter writer = CheckpointWriter.open(folder, Layout.of(slots, Long.MAX_VALUE))) {
            for (Layout.Slot slot : slots) {
                short[] values = new short[Math.toIntExact(slot.shape().elements())];
                for (int i = 0; i < values.length; i++) {
                    // Of either sign, and between 2^-8 and 2^-6.
                    values[i] = (short) (random.nextInt(1 << 16) & 0x80FF | 0x3C00);
                }
                ByteBuffer bytes =
                        ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asShortBuffer().put(values);
                writer.write(slot.name(), 0, bytes);
            }
            writer.write(
                    "config.json", "{\"model_type\": \"none\", \"rms_norm_eps\": 1e-6, \"rope_theta\": 1000000.0}");
            writer.publish(false);
        }
    }

    private static void run(String... args) {
        int _ = Main.run(NOWHERE, NOWHERE, args);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
