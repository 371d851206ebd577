package org.lewis.extract;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;
import org.lewis.kernel.Draws;
import org.lewis.model.Decoder;
import org.lewis.model.Families;
import org.lewis.model.Slot;
import org.lewis.model.TensorNames;
import org.lewis.tensor.Tensor;

/// Takes what a model learned over its base out of it, as a LoRA adapter: the difference of each linear's weight is
/// replaced by its largest singular values; what is no linear is saved whole where it differs.
public final class Extraction {

    private static final String WEIGHT = ".weight";

    /// Hears of each tensor that is finished.
    @FunctionalInterface
    public interface Progress {

        /// @param done  bytes of the model's tensors that have been looked at
        /// @param total bytes of all
        void tensorDone(long done, long total);
    }

    /// What an adapter holds.
    ///
    /// @param fits     the linears, in the order of their names
    /// @param whole    names of tensors that are saved as they are
    /// @param excluded names of tensors that differ and were left out
    /// @param error    Frobenius norm of all that the adapter misses of the linears, in parts of their difference
    public record Report(Path output, List<Fit> fits, List<String> whole, List<String> excluded, double error) {}

    private final Checkpoint model;
    private final Checkpoint base;
    private final Choice choice;
    private final List<Factors> factors = new ArrayList<>();
    private final Map<String, Tensor> whole = new TreeMap<>();
    private final List<String> excluded = new ArrayList<>();
    private final Set<String> transposed;

    private Extraction(Checkpoint model, Checkpoint base, Choice choice) throws IOException {
        this.model = model;
        this.base = base;
        this.choice = choice;
        this.transposed = transposed(model);
    }

    /// Writes the adapter of a model.
    ///
    /// @param baseName what the adapter says its base is
    /// @param output   a folder that does not exist yet, or is empty
    /// @throws CheckpointException when the models do not fit together or are the same, or the output is occupied
    public static Report run(Path model, Path base, String baseName, Path output, Choice choice, Progress progress)
            throws IOException {
        AdapterFolder.refuseOccupied(output);
        try (Checkpoint tuned = Checkpoint.open(model);
                Checkpoint original = Checkpoint.open(base)) {
            Extraction extraction = new Extraction(tuned, original, choice);
            extraction.extract(progress);
            return extraction.write(baseName, output);
        }
    }

    private void extract(Progress progress) throws IOException {
        refuseDifferentNames();
        long total = model.tensors().values().stream()
                .mapToLong(tensor -> tensor.bytes().byteSize())
                .sum();
        long done = 0;
        for (Tensor tensor : model.tensors().values()) {
            if (!Slot.isBuffer(tensor.name())) {
                Tensor original = base.tensor(tensor.name());
                extract(tensor, original);
                tensor.release(0, tensor.elements());
                original.release(0, original.elements());
            }
            done += tensor.bytes().byteSize();
            progress.tensorDone(done, total);
        }
        if (factors.isEmpty() && whole.isEmpty()) {
            throw new CheckpointException(model.folder() + " and " + base.folder() + " do not differ"
                    + (excluded.isEmpty() ? "" : " in what is to be extracted")
                    + "; there is no adapter to write");
        }
    }

    private void extract(Tensor tensor, Tensor original) throws CheckpointException {
        String name = tensor.name();
        if (!tensor.shape().equals(original.shape())) {
            throw new CheckpointException(name + ": shapes differ: " + tensor.shape() + " in " + model.folder() + ", "
                    + original.shape() + " in " + base.folder() + "; an adapter cannot change the size of a tensor");
        }
        if (!differ(tensor, original)) {
            return;
        }
        String module = name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : name;
        if (!choice.takes(module)) {
            excluded.add(name);
        } else if (tensor.shape().rank() == 2
                && isInLayer(name)
                && tensor.dtype().isMergeable()) {
            decompose(module, tensor, original);
        } else {
            whole.put(name, tensor);
        }
    }

    private static boolean isInLayer(String tensor) {
        return TensorNames.layer(tensor).isPresent() && tensor.endsWith(WEIGHT);
    }

    private void decompose(String module, Tensor tensor, Tensor original) throws CheckpointException {
        try {
            long key = Draws.key(choice.seed(), tensor.name(), "svd");
            Svd svd = Svd.of(new Matrix(tensor, original), choice.rank(), key);
            int rank = choice.rankOf(svd);
            if (rank > 0) { // zero has two signs
                factors.add(Factors.of(module, svd, rank, transposed.contains(tensor.name())));
            }
        } catch (ArithmeticException e) {
            throw new CheckpointException(tensor.name() + ": the difference of " + model.folder() + " and "
                    + base.folder() + " " + e.getMessage());
        }
    }

    private static boolean differ(Tensor tensor, Tensor original) {
        if (tensor.dtype() == original.dtype()) {
            return tensor.bytes().mismatch(original.bytes()) >= 0;
        }
        int step = 1 << 16;
        float[] one = new float[step];
        float[] other = new float[step];
        for (long at = 0; at < tensor.elements(); at += step) {
            int count = (int) Math.min(step, tensor.elements() - at);
            tensor.read(at, count, one);
            original.read(at, count, other);
            if (java.util.Arrays.mismatch(one, 0, count, other, 0, count) >= 0) {
                return true;
            }
        }
        return false;
    }

    private Report write(String baseName, Path output) throws IOException {
        double squares =
                factors.stream().mapToDouble(one -> one.fit().squares()).sum();
        double missed = factors.stream()
                .mapToDouble(
                        one -> one.fit().error() * one.fit().error() * one.fit().squares())
                .sum();
        Report report = new Report(
                output,
                factors.stream().map(Factors::fit).toList(),
                List.copyOf(whole.keySet()),
                List.copyOf(excluded),
                squares == 0 ? 0 : Math.sqrt(missed / squares));
        new AdapterFolder(baseName, factors, whole, !transposed.isEmpty()).write(report);
        return report;
    }

    private void refuseDifferentNames() throws CheckpointException {
        Set<String> different = new TreeSet<>();
        for (Map.Entry<Checkpoint, Checkpoint> pair : List.of(Map.entry(model, base), Map.entry(base, model))) {
            Set<String> only = new HashSet<>(pair.getKey().tensors().keySet());
            only.removeAll(pair.getValue().tensors().keySet());
            only.removeIf(Slot::isBuffer);
            only.forEach(
                    name -> different.add(name + " (only in " + pair.getKey().folder() + ")"));
        }
        if (!different.isEmpty()) {
            throw new CheckpointException(model.folder() + " and " + base.folder() + " do not have the same tensors: "
                    + String.join(", ", different.stream().limit(10).toList())
                    + (different.size() > 10 ? " and " + (different.size() - 10) + " more" : ""));
        }
    }

    /// The weights that are stored `[in, out]`, as far as the family is known.
    private static Set<String> transposed(Checkpoint model) throws IOException {
        Set<String> names = new HashSet<>();
        try {
            for (Decoder.Linear linear :
                    Families.describe(model.config(), model.tensors().keySet()).linears()) {
                if (linear.layout() == Decoder.Linear.Layout.IN_OUT) {
                    names.add(linear.weight());
                }
            }
        } catch (DocumentException e) {
            return Set.of(); // a family that cannot be run; nearly all store [out, in]
        }
        return names;
    }
}
