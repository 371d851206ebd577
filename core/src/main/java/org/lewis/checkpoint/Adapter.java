package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// A LoRA adapter folder as PEFT writes it: `adapter_config.json` and its weights.
///
/// Understands plain LoRA, rsLoRA (arXiv:2312.03732), DoRA (arXiv:2402.09353), ranks and alphas by module,
/// `fan_in_fan_out`,
/// adapted embeddings, and modules that are saved whole. The adapted model is never made as a whole: its tensors are
/// computed range by range while they are read.
public final class Adapter implements AutoCloseable {

    private static final String CONFIG = "adapter_config.json";
    private static final int DEPTH = 5;

    private static final Pattern PREFIX = Pattern.compile("^base_model\\.model\\.");
    /// Between a part's name and its end, files may name the adapter.
    private static final Pattern ADAPTER_NAME = Pattern.compile("\\.(default|weight)(?=\\.|$)");

    private static final String DOWN = ".lora_A";
    private static final String UP = ".lora_B";
    private static final String EMBEDDING_DOWN = ".lora_embedding_A";
    private static final String EMBEDDING_UP = ".lora_embedding_B";
    private static final String MAGNITUDE = ".lora_magnitude_vector";
    private static final String SAVED = ".modules_to_save";

    private final Path folder;
    private final Path weights;
    private final WeightFile file;
    private final Node config;

    private Adapter(Path folder, Path weights, WeightFile file, Node config) {
        this.folder = folder;
        this.weights = weights;
        this.file = file;
        this.config = config;
    }

    /// The folder of the one adapter in a folder or in those below: training writes them into sub-folders.
    ///
    /// @return the folder itself when there is none
    /// @throws CheckpointException when there are several
    static Path within(Path folder) throws IOException {
        if (Files.exists(folder.resolve(CONFIG))) {
            return folder;
        }
        try (Stream<Path> files = Files.find(folder, DEPTH, (file, _) -> file.endsWith(CONFIG))) {
            List<Path> found = files.map(Path::getParent).sorted().toList();
            if (found.size() > 1) {
                throw new CheckpointException(folder + ": holds several adapters; name one of "
                        + String.join(", ", found.stream().map(Path::toString).toList()));
            }
            return found.isEmpty() ? folder : found.getFirst();
        }
    }

    /// @throws CheckpointException when the folder holds no LoRA adapter
    public static Adapter open(Path folder) throws IOException {
        Path configFile = folder.resolve(CONFIG);
        if (!Files.exists(configFile)) {
            throw new CheckpointException(folder + ": no adapter; adapter_config.json is missing");
        }
        Node config;
        try {
            config = Json.read(configFile);
            String type = config.find("peft_type").map(Node::text).orElse("LORA");
            if (!type.equals("LORA")) {
                throw new CheckpointException(
                        configFile + ": adapters of type " + type + " are not supported, only LORA");
            }
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
        for (String name : new String[] {"adapter_model.safetensors", "adapter_model.bin"}) {
            Path weights = folder.resolve(name);
            if (Files.exists(weights)) {
                return new Adapter(folder, weights, WeightFile.open(weights), config);
            }
        }
        throw new CheckpointException(folder + ": holds neither adapter_model.safetensors nor adapter_model.bin");
    }

    Path folder() {
        return folder;
    }

    /// Its own tensors, under the names of its file.
    public Map<String, Tensor> tensors() {
        return file.tensors();
    }

    /// Whether a folder holds no model of its own, but an adapter, perhaps in a folder below.
    public static boolean isIn(Path folder) throws IOException {
        return !Files.exists(folder.resolve("config.json"))
                && Files.exists(within(folder).resolve(CONFIG));
    }

    /// The base's tensors with this adapter applied, by name; valid while base and adapter are open.
    ///
    /// @throws CheckpointException when the adapter is for another model
    public Map<String, ReadableTensor> applyTo(Checkpoint base) throws CheckpointException {
        Map<String, Tensor> parts = new TreeMap<>();
        file.tensors()
                .forEach((key, tensor) -> parts.put(
                        ADAPTER_NAME
                                .matcher(PREFIX.matcher(key).replaceFirst(""))
                                .replaceAll(""),
                        tensor));
        Map<String, ReadableTensor> adapted = new TreeMap<>(base.tensors());
        Set<String> used = new TreeSet<>();
        try {
            for (String part : parts.keySet()) {
                if (part.endsWith(DOWN) || part.endsWith(EMBEDDING_DOWN)) {
                    boolean isEmbedding = part.endsWith(EMBEDDING_DOWN);
                    String module = part.substring(0, part.lastIndexOf('.'));
                    used.add(part);
                    adapted.put(module + ".weight", adapt(base, module, isEmbedding, parts, used));
                }
            }
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
        for (Map.Entry<String, Tensor> part : parts.entrySet()) {
            if (!used.contains(part.getKey())) {
                replaceWhole(base, part.getKey(), part.getValue(), adapted);
            }
        }
        return Collections.unmodifiableMap(adapted);
    }

    /// The files that decide what the adapter does: its config, and its weights with the bytes of their header.
    public Map<Path, byte[]> headers() throws IOException {
        Map<Path, byte[]> headers = new LinkedHashMap<>();
        Path configFile = folder.resolve(CONFIG);
        headers.put(configFile, Files.readAllBytes(configFile));
        headers.put(weights, file.header());
        return headers;
    }

    /// Bytes of its weights.
    public long bytes() {
        return file.tensors().values().stream()
                .mapToLong(tensor -> tensor.bytes().byteSize())
                .sum();
    }

    @Override
    public void close() {
        file.close();
    }

    private ReadableTensor adapt(
            Checkpoint base, String module, boolean isEmbedding, Map<String, Tensor> parts, Set<String> used)
            throws CheckpointException {
        Tensor down = parts.get(module + (isEmbedding ? EMBEDDING_DOWN : DOWN));
        Tensor up = take(module + (isEmbedding ? EMBEDDING_UP : UP), parts, used);
        Tensor weight = base.find(module + ".weight")
                .orElseThrow(() ->
                        new CheckpointException(folder + ": adapts " + module + ", which " + base.folder() + " lacks"));
        int rank = Math.toIntExact(down.shape().dimension(0));
        if (down.shape().rank() != 2 || up.shape().rank() != 2 || up.shape().dimension(1) != rank) {
            throw new CheckpointException(folder + ": " + module + ": " + down.shape() + " and " + up.shape()
                    + " are no pair of low-rank factors");
        }
        double alpha = pattern("alpha_pattern", module)
                .orElseGet(() -> config.get("lora_alpha").number());
        boolean stabilised = flag("use_rslora");
        double scale = alpha / (stabilised ? Math.sqrt(rank) : rank);
        // An embedding's table is [tokens, features], the transpose of a linear that maps tokens to features.
        boolean transposed = isEmbedding || flag("fan_in_fan_out");
        LowRank product = transposed ? LowRank.transposed(up, down, scale) : LowRank.of(up, down, scale);
        if (weight.shape().rank() != 2
                || weight.shape().dimension(0) != product.rows()
                || weight.shape().dimension(1) != product.columns()) {
            throw new CheckpointException(folder + ": " + module + ": the adapter is for a weight [" + product.rows()
                    + ", " + product.columns() + "], but that of " + base.folder() + " is " + weight.shape());
        }
        if (!flag("use_dora") || isEmbedding) {
            return new AdaptedTensor(weight, product, Optional.empty());
        }
        Tensor magnitude = take(module + MAGNITUDE, parts, used);
        return new AdaptedTensor(
                weight, product, Optional.of(new AdaptedTensor.Directions(magnitude.floats(), transposed)));
    }

    private Tensor take(String part, Map<String, Tensor> parts, Set<String> used) throws CheckpointException {
        Tensor tensor = parts.get(part);
        if (tensor == null) {
            throw new CheckpointException(folder + ": " + part + " is missing");
        }
        used.add(part);
        return tensor;
    }

    /// Modules that were trained as a whole, and biases.
    private void replaceWhole(Checkpoint base, String part, Tensor tensor, Map<String, ReadableTensor> adapted)
            throws CheckpointException {
        String module = part.replace(SAVED, "");
        String name = base.tensors().containsKey(module) ? module : module + ".weight";
        Tensor replaced = base.tensors().get(name);
        if (replaced == null) {
            throw new CheckpointException(folder + ": " + tensor.name() + " belongs to no tensor of " + base.folder());
        }
        if (!replaced.shape().equals(tensor.shape())) {
            throw new CheckpointException(folder + ": " + tensor.name() + " is " + tensor.shape() + ", but " + name
                    + " of " + base.folder() + " is " + replaced.shape());
        }
        adapted.put(name, new Tensor(name, tensor.dtype(), tensor.shape(), tensor.bytes()));
    }

    /// A number that a pattern sets for some modules: its key is a regular expression that the end of the name matches.
    private Optional<Double> pattern(String key, String module) {
        return config.find(key)
                .flatMap(patterns -> patterns.mapping().entrySet().stream()
                        .filter(entry -> Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module))
                        .map(entry -> entry.getValue().number())
                        .findFirst());
    }

    private boolean flag(String key) {
        return config.find(key).map(Node::flag).orElse(false);
    }
}
