package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.tensor.Tensor;

/// A model folder of the HuggingFace layout, opened for reading: weights in one `.safetensors` file or in shards under
/// an index, and `config.json` beside them. Nothing is loaded; tensors are views of mapped files, valid until it is
/// closed.
public final class Checkpoint implements StoredModel {

    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    /// Where weights may lie, best first: an index before its shards, safetensors before pickles.
    private static final List<String> PLACES =
            List.of(INDEX, SINGLE, "pytorch_model.bin.index.json", "pytorch_model.bin");

    private final Path folder;
    private final Map<Path, WeightFile> shards;
    private final Map<String, Tensor> tensors;

    private Checkpoint(Path folder, Map<Path, WeightFile> shards, Map<String, Tensor> tensors) {
        this.folder = folder;
        this.shards = shards;
        this.tensors = tensors;
    }

    /// Maps the weights of a folder and checks that they are whole.
    ///
    /// @throws CheckpointException when weights are missing, damaged, or not where the index says
    public static Checkpoint open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(folder + ": no such model folder");
        }
        Map<Path, WeightFile> shards = new LinkedHashMap<>();
        try {
            String place = PLACES.stream()
                    .filter(name -> Files.exists(folder.resolve(name)))
                    .findFirst()
                    .orElseThrow(() -> new CheckpointException(
                            folder + ": holds no weights; looked for " + String.join(", ", PLACES)));
            Path file = folder.resolve(place);
            return place.endsWith(".json") ? indexed(folder, file, shards) : single(folder, file, shards);
        } catch (Throwable e) {
            shards.values().forEach(WeightFile::close);
            throw e;
        }
    }

    @Override
    public String name() {
        return folder.toString();
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public Checkpoint checkpoint() {
        return this;
    }

    @Override
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    public Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /// The tensor of that name.
    ///
    /// @throws CheckpointException when there is none
    public Tensor tensor(String name) throws CheckpointException {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new CheckpointException(folder + ": tensor " + name + " is missing");
        }
        return tensor;
    }

    @Override
    public Node config() throws IOException {
        Path file = folder.resolve("config.json");
        if (!Files.exists(file)) {
            throw new CheckpointException(folder + ": config.json is missing");
        }
        try {
            return Json.read(file);
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
    }

    @Override
    public Map<Path, byte[]> headers() {
        Map<Path, byte[]> headers = new LinkedHashMap<>();
        shards.forEach((file, shard) -> headers.put(file, shard.header()));
        return headers;
    }

    /// Gives back the pages of all its files, see [WeightFile#release].
    public void release() {
        shards.values().forEach(WeightFile::release);
    }

    @Override
    public void close() {
        shards.values().forEach(WeightFile::close);
    }

    private static Checkpoint single(Path folder, Path file, Map<Path, WeightFile> shards) throws IOException {
        WeightFile weights = WeightFile.open(file);
        shards.put(file, weights);
        return new Checkpoint(folder, shards, sorted(weights.tensors()));
    }

    private static Checkpoint indexed(Path folder, Path index, Map<Path, WeightFile> shards) throws IOException {
        Map<String, String> fileByTensor = new LinkedHashMap<>();
        try {
            Json.read(index)
                    .get("weight_map")
                    .mapping()
                    .forEach((tensor, file) -> fileByTensor.put(tensor, plainName(file)));
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
        for (String name : new TreeSet<>(fileByTensor.values())) {
            Path file = folder.resolve(name);
            if (!Files.exists(file)) {
                throw new CheckpointException(index + ": names " + name + ", which is not in the folder");
            }
            shards.put(file, WeightFile.open(file));
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : fileByTensor.entrySet()) {
            Tensor tensor =
                    shards.get(folder.resolve(entry.getValue())).tensors().get(entry.getKey());
            if (tensor == null) {
                throw new CheckpointException(
                        index + ": says that " + entry.getValue() + " holds " + entry.getKey() + ", which it does not");
            }
            tensors.put(entry.getKey(), tensor);
        }
        refuseUnlisted(index, shards, tensors);
        return new Checkpoint(folder, shards, sorted(tensors));
    }

    /// A file name without any folder: an index must not reach outside its own folder.
    private static String plainName(Node file) {
        String name = file.text();
        boolean isPath = name.contains("/") || name.contains("\\") || name.contains("\0");
        if (name.isEmpty() || isPath || name.equals("..") || name.equals(".")) {
            throw file.error("\"" + name + "\" is not the name of a file in this folder");
        }
        return name;
    }

    private static void refuseUnlisted(Path index, Map<Path, WeightFile> shards, Map<String, Tensor> listed)
            throws CheckpointException {
        List<String> unlisted = new ArrayList<>();
        shards.forEach((file, shard) -> shard.tensors().keySet().stream()
                .filter(name -> !listed.containsKey(name))
                .forEach(name -> unlisted.add(name + " (in " + file.getFileName() + ")")));
        if (!unlisted.isEmpty()) {
            Collections.sort(unlisted);
            throw new CheckpointException(index + ": does not list " + String.join(", ", unlisted));
        }
    }

    private static Map<String, Tensor> sorted(Map<String, Tensor> tensors) {
        return Collections.unmodifiableMap(new TreeMap<>(tensors));
    }
}
