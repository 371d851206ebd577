package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// A LoRA adapter folder as PEFT writes it: `adapter_config.json` and its weights.
///
/// Understands plain LoRA, rsLoRA (arXiv:2312.03732), DoRA (arXiv:2402.09353), ranks and alphas by module,
/// `fan_in_fan_out`, adapted embeddings, biases that were trained or added, and modules that are saved whole. The
/// adapted model is never made as a whole: its tensors are computed range by range while they are read.
public final class Adapter implements AutoCloseable {

    private static final String CONFIG = "adapter_config.json";
    private static final int DEPTH = 5;

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
        return new AdapterApplication(folder, config, file.tensors(), base).tensors();
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
}
