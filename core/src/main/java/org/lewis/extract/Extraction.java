package org.lewis.extract;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.kernel.Draws;
import org.lewis.model.Slot;
import org.lewis.model.TensorNames;
import org.lewis.tensor.Tensor;

/// Takes what a model learned over its base out of it, as a LoRA adapter: the difference of each linear's weight is
/// replaced by its largest singular values; what is no linear is saved whole where it differs.
public final class Extraction {

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
    private final Naming naming;
    private final Progress progress;
    private long done;

    private Extraction(Checkpoint model, Checkpoint base, Choice choice, Progress progress) throws IOException {
        this.model = model;
        this.base = base;
        this.choice = choice;
        this.naming = Naming.of(model);
        this.progress = progress;
    }

    /// Writes the adapter of a model.
    ///
    /// @param baseName what the adapter says its base is
    /// @param output   a folder that does not exist yet, or is empty
    /// @param threads  at least 1; their number never changes the result
    /// @throws CheckpointException when the models do not fit together or are the same, or the output is occupied
    public static Report run(
            Path model, Path base, String baseName, Path output, Choice choice, int threads, Progress progress)
            throws IOException {
        AdapterFolder.refuseOccupied(output);
        try (Checkpoint tuned = Checkpoint.open(model);
                Checkpoint original = Checkpoint.open(base)) {
            Extraction extraction = new Extraction(tuned, original, choice, progress);
            return extraction.write(extraction.extract(threads), baseName, output);
        }
    }

    /// What a tensor becomes.
    private sealed interface Outcome {

        record Same() implements Outcome {}

        record Excluded(String tensor) implements Outcome {}

        record Whole(String tensor) implements Outcome {}

        record Factored(String tensor, Factors factors) implements Outcome {}
    }

    /// Looks at one tensor on each thread.
    private List<Outcome> extract(int threads) throws IOException {
        refuseDifferentNames();
        List<Tensor> tensors = model.tensors().values().stream()
                .filter(tensor -> !Slot.isBuffer(tensor.name()))
                .toList();
        long total =
                tensors.stream().mapToLong(tensor -> tensor.bytes().byteSize()).sum();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Outcome> outcomes = new ArrayList<>();
            List<Future<Outcome>> futures = tensors.stream()
                    .map(tensor -> pool.submit(() -> outcome(tensor, total)))
                    .toList();
            try {
                for (Future<Outcome> future : futures) {
                    outcomes.add(future.get());
                }
            } finally {
                pool.shutdownNow();
            }
            return outcomes;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException("interrupted");
        }
    }

    private Outcome outcome(Tensor tensor, long total) throws CheckpointException {
        Tensor original = base.tensor(tensor.name());
        Outcome outcome = outcome(tensor, original);
        tensor.release(0, tensor.elements());
        original.release(0, original.elements());
        synchronized (this) {
            done += tensor.bytes().byteSize();
            progress.tensorDone(done, total);
        }
        return outcome;
    }

    private Outcome outcome(Tensor tensor, Tensor original) throws CheckpointException {
        String name = tensor.name();
        if (!tensor.shape().equals(original.shape())) {
            throw new CheckpointException(name + ": shapes differ: " + tensor.shape() + " in " + model.folder() + ", "
                    + original.shape() + " in " + base.folder() + "; an adapter cannot change the size of a tensor");
        }
        if (!differ(tensor, original)) {
            return new Outcome.Same();
        }
        if (!choice.takes(Naming.module(name))) {
            return new Outcome.Excluded(name);
        }
        if (tensor.shape().rank() == 2 && isInLayer(name) && tensor.dtype().isMergeable()) {
            return decompose(tensor, original);
        }
        return new Outcome.Whole(name);
    }

    private static boolean isInLayer(String tensor) {
        return TensorNames.layer(tensor).isPresent() && tensor.endsWith(".weight");
    }

    private Outcome decompose(Tensor tensor, Tensor original) throws CheckpointException {
        try {
            long key = Draws.key(choice.seed(), tensor.name(), "svd");
            Svd svd = Svd.of(new Matrix(tensor, original), choice.rank(), key);
            int rank = choice.rankOf(svd);
            if (rank == 0) { // zero has two signs
                return new Outcome.Same();
            }
            String module = Naming.module(naming.inPeft(tensor.name()));
            return new Outcome.Factored(
                    tensor.name(), Factors.of(module, svd, rank, naming.isTransposed(tensor.name())));
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

    private Report write(List<Outcome> outcomes, String baseName, Path output) throws IOException {
        Map<String, Factors> factored = new TreeMap<>();
        Set<String> whole = new TreeSet<>();
        List<String> excluded = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            switch (outcome) {
                case Outcome.Same() -> {}
                case Outcome.Excluded(String tensor) -> excluded.add(tensor);
                case Outcome.Whole(String tensor) -> whole.add(tensor);
                case Outcome.Factored(String tensor, Factors factors) -> factored.put(tensor, factors);
            }
        }
        if (factored.isEmpty() && whole.isEmpty()) {
            throw new CheckpointException(model.folder() + " and " + base.folder() + " do not differ"
                    + (excluded.isEmpty() ? "" : " in what is to be extracted")
                    + "; there is no adapter to write");
        }
        SavedTensors saved = SavedTensors.of(model, whole, factored.keySet(), naming);
        factored.keySet()
                .removeAll(saved.tensors().values().stream().map(Tensor::name).toList());
        List<Factors> factors = List.copyOf(factored.values());
        Report report = new Report(
                output,
                factors.stream().map(Factors::fit).toList(),
                saved.names(),
                List.copyOf(excluded),
                error(factors));
        new AdapterFolder(baseName, factors, saved, naming.transposes()).write(report);
        return report;
    }

    /// What is missed of all differences together.
    private static double error(List<Factors> factors) {
        double squares =
                factors.stream().mapToDouble(one -> one.fit().squares()).sum();
        double missed = factors.stream()
                .mapToDouble(
                        one -> one.fit().error() * one.fit().error() * one.fit().squares())
                .sum();
        return squares == 0 ? 0 : Math.sqrt(missed / squares);
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
}
