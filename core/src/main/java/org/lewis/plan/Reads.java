package org.lewis.plan;

import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/// What a plan reads of its models.
public final class Reads {

    private final Set<TensorJob.Source> tensors = new HashSet<>();

    private Reads() {}

    /// Bytes that the tensors take in their files, each counted once, however often a method looks at it.
    public static long bytes(Plan plan, Sources sources) {
        Reads reads = new Reads();
        for (TensorJob job : plan.jobs()) {
            switch (job) {
                case TensorJob.Copied copied -> reads.add(copied.source());
                case TensorJob.Merged merged -> reads.add(merged);
            }
        }
        long bytes = 0;
        Set<Integer> models = new TreeSet<>();
        for (TensorJob.Source source : reads.tensors) {
            // An adapter may bring tensors that its base has not.
            bytes += sources.checkpoint(source.model())
                    .find(source.tensor())
                    .map(tensor -> tensor.bytes().byteSize())
                    .orElse(0L);
            models.add(source.model());
        }
        return bytes + models.stream().mapToLong(sources::adapterBytes).sum();
    }

    private void add(TensorJob.Merged job) {
        job.base().ifPresent(this::add);
        job.models().forEach(this::add);
    }

    private void add(TensorJob.Input input) {
        switch (input) {
            case TensorJob.Source source -> tensors.add(source);
            case TensorJob.Stage stage -> add(stage.job());
            case TensorJob.Rows rows -> rows.tables().forEach(this::add);
        }
    }
}
