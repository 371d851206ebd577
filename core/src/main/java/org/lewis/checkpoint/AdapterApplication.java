package org.lewis.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.lewis.document.DocumentException;
import org.lewis.document.Node;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// Puts the parts of an adapter to the tensors of its base.
///
/// Saved tensors come first, since a table may be saved and adapted, too; then come pairs of low-rank factors, then
/// biases that are added. What remains belongs to no tensor, and is refused.
///
/// @see <a href="https://github.com/huggingface/peft">PEFT, `utils/save_and_load.py`, for the names of parts</a>
final class AdapterApplication {

    private static final Pattern PREFIX = Pattern.compile("^base_model\\.model\\.");
    /// Between a part's name and its end, files may name the adapter.
    private static final Pattern ADAPTER_NAME = Pattern.compile("\\.(default|weight)(?=\\.|$)");

    private static final String FACTOR = ".lora_";
    private static final String DOWN = ".lora_A";
    private static final String UP = ".lora_B";
    private static final String EMBEDDING_DOWN = ".lora_embedding_A";
    private static final String EMBEDDING_UP = ".lora_embedding_B";
    private static final String MAGNITUDE = ".lora_magnitude_vector";
    private static final String ADDED_BIAS = ".lora_B.bias";
    /// Modules that are saved whole, and what is saved of modules that are adapted, too: trained biases, tables.
    private static final Pattern SAVED = Pattern.compile("\\.(modules_to_save|base_layer)(?=\\.|$)");

    private final Path folder;
    private final Node config;
    private final Checkpoint base;
    private final Map<String, Tensor> parts = new TreeMap<>();
    private final Set<String> used = new TreeSet<>();
    private final Map<String, Tensor> originals;
    private final Map<String, ReadableTensor> adapted;

    /// @param tensors of the adapter, under the names of its file
    AdapterApplication(Path folder, Node config, Map<String, Tensor> tensors, Checkpoint base) {
        this.folder = folder;
        this.config = config;
        this.base = base;
        this.originals = new TreeMap<>(base.tensors());
        tensors.forEach((key, tensor) -> parts.put(
                ADAPTER_NAME.matcher(PREFIX.matcher(key).replaceFirst("")).replaceAll(""), tensor));
        this.adapted = new TreeMap<>(base.tensors());
    }

    /// @throws CheckpointException when the adapter is for another model
    Map<String, ReadableTensor> tensors() throws CheckpointException {
        try {
            for (String part : parts.keySet()) {
                if (!part.contains(FACTOR)) {
                    replaceWhole(part);
                }
            }
            for (String part : parts.keySet()) {
                if (part.endsWith(DOWN) || part.endsWith(EMBEDDING_DOWN)) {
                    adapt(module(part), part.endsWith(EMBEDDING_DOWN));
                } else if (part.endsWith(ADDED_BIAS)) {
                    addBias(part.substring(0, part.length() - ADDED_BIAS.length()), take(part));
                }
            }
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
        for (String part : parts.keySet()) {
            if (!used.contains(part)) {
                throw belongingToNone(part);
            }
        }
        return Collections.unmodifiableMap(adapted);
    }

    private void adapt(String module, boolean isEmbedding) throws CheckpointException {
        Tensor down = take(module + (isEmbedding ? EMBEDDING_DOWN : DOWN));
        Tensor up = take(module + (isEmbedding ? EMBEDDING_UP : UP));
        Tensor weight = original(module + ".weight")
                .orElseThrow(() ->
                        new CheckpointException(folder + ": adapts " + module + ", which " + base.folder() + " lacks"));
        int rank = Math.toIntExact(down.shape().dimension(0));
        if (down.shape().rank() != 2 || up.shape().rank() != 2 || up.shape().dimension(1) != rank) {
            throw new CheckpointException(folder + ": " + module + ": " + down.shape() + " and " + up.shape()
                    + " are no pair of low-rank factors");
        }
        // An embedding's table is [tokens, features], the transpose of a linear that maps tokens to features.
        boolean transposed = isEmbedding || flag("fan_in_fan_out");
        double scale = scale(module, rank);
        LowRank product = transposed ? LowRank.transposed(up, down, scale) : LowRank.of(up, down, scale);
        if (weight.shape().rank() != 2
                || weight.shape().dimension(0) != product.rows()
                || weight.shape().dimension(1) != product.columns()) {
            throw new CheckpointException(folder + ": " + module + ": the adapter is for a weight [" + product.rows()
                    + ", " + product.columns() + "], but that of " + base.folder() + " is " + weight.shape());
        }
        Optional<AdaptedTensor.Directions> directions = Optional.empty();
        if (flag("use_dora") && !isEmbedding) {
            float[] magnitudes = take(module + MAGNITUDE).floats();
            directions = Optional.of(new AdaptedTensor.Directions(magnitudes, transposed));
        }
        adapted.put(weight.name(), new AdaptedTensor(weight, product, directions));
    }

    /// Adds to a linear's bias what PEFT trains with `lora_bias`.
    private void addBias(String module, Tensor shift) throws CheckpointException {
        Tensor bias = original(module + ".bias")
                .orElseThrow(() -> new CheckpointException(folder + ": adds to the bias of " + module + ", which "
                        + base.folder() + " lacks; train with lora_bias: false, or add a bias to the base"));
        requireShape(bias, shift);
        Tensor down = parts.get(module + DOWN);
        if (down == null) {
            throw new CheckpointException(folder + ": " + module + DOWN + " is missing");
        }
        double scale = scale(module, Math.toIntExact(down.shape().dimension(0)));
        adapted.put(bias.name(), new AdaptedTensor(bias, LowRank.column(shift, scale), Optional.empty()));
    }

    /// Modules that were trained as a whole, and biases.
    private void replaceWhole(String part) throws CheckpointException {
        Tensor tensor = take(part);
        String module = SAVED.matcher(part).replaceAll("");
        Optional<Tensor> replaced = original(module).or(() -> original(module + ".weight"));
        if (replaced.isEmpty() && isCopy(part)) {
            return;
        }
        Tensor original = replaced.orElseThrow(() -> belongingToNone(part));
        requireShape(original, tensor);
        Tensor renamed = new Tensor(original.name(), tensor.dtype(), tensor.shape(), tensor.bytes());
        originals.put(original.name(), renamed);
        adapted.put(original.name(), renamed);
    }

    /// Whether another saved tensor is the same, as is the head that stands beside the embeddings it is tied to.
    private boolean isCopy(String part) {
        Tensor tensor = parts.get(part);
        return parts.entrySet().stream()
                .filter(other -> !other.getKey().equals(part) && !other.getKey().contains(FACTOR))
                .map(Map.Entry::getValue)
                .anyMatch(other -> other.dtype() == tensor.dtype()
                        && other.shape().equals(tensor.shape())
                        && other.bytes().mismatch(tensor.bytes()) < 0);
    }

    /// Of the base, or what the adapter has saved in its place. Checkpoints of a bare decoder lack the first part of
    /// the names.
    private Optional<Tensor> original(String name) {
        Tensor found = originals.get(name);
        return Optional.ofNullable(found != null ? found : originals.get(name.substring(name.indexOf('.') + 1)));
    }

    private void requireShape(Tensor original, Tensor tensor) throws CheckpointException {
        if (!original.shape().equals(tensor.shape())) {
            throw new CheckpointException(folder + ": " + tensor.name() + " is " + tensor.shape() + ", but "
                    + original.name() + " of " + base.folder() + " is " + original.shape());
        }
    }

    private Tensor take(String part) throws CheckpointException {
        Tensor tensor = parts.get(part);
        if (tensor == null) {
            throw new CheckpointException(folder + ": " + part + " is missing");
        }
        used.add(part);
        return tensor;
    }

    private CheckpointException belongingToNone(String part) {
        return new CheckpointException(
                folder + ": " + parts.get(part).name() + " belongs to no tensor of " + base.folder());
    }

    private static String module(String part) {
        return part.substring(0, part.lastIndexOf('.'));
    }

    private double scale(String module, int rank) {
        double alpha = pattern("alpha_pattern", module)
                .orElseGet(() -> config.get("lora_alpha").number());
        return alpha / (flag("use_rslora") ? Math.sqrt(rank) : rank);
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
