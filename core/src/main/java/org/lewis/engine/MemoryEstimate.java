package org.lewis.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lewis.merge.Crew;
import org.lewis.merge.Tile;
import org.lewis.plan.Plan;
import org.lewis.plan.TensorJob;

/// What a merge takes of memory at most, mapped files not counted, as far as a plan can tell.
///
/// Not counted is a young generation of the heap beyond what the JVM takes by itself on a machine of 24 GB: on larger
/// ones, or with other flags, it may hold more garbage.
public final class MemoryEstimate {

    /// The JVM with its code, and a heap whose young generation is full. Merges of 0.5 billion parameters peaked
    /// between 160 and 200 MB; DELLA of 2 billion, which lasts long enough to fill it, at 210 MB, 34 MB of them
    /// masks.
    private static final long PROCESS = 220_000_000;

    /// A token of a model whose vocabulary is read because the models have several. Merges of two and three BPE
    /// vocabularies of 32, 64, 96, 128 and 250 thousand tokens each peaked at 237, 330, 405, 724 (of three) and
    /// 992 MB, one of two Unigram vocabularies of 128 thousand at 433.
    private static final long TOKEN = 1_400;

    private MemoryEstimate() {}

    /// @return bytes
    public static long of(Plan plan, int threads) {
        long stages = 0;
        long masks = 0;
        long tiles = 0;
        long tokens = 0;
        for (TensorJob job : plan.jobs()) {
            if (job instanceof TensorJob.Merged merged) {
                // Large tensors are made one after the other, small ones side by side.
                int atOnce = Merge.isLarge(job) ? 1 : threads;
                stages = Math.max(stages, stages(merged) * atOnce);
                // A bit per entry and model, as methods remember what they drop: none holds more.
                masks = Math.max(
                        masks,
                        job.slot().shape().elements()
                                / Byte.SIZE
                                * merged.models().size()
                                * atOnce);
                tokens = Math.max(tokens, tokens(merged));
                tiles = Math.max(tiles, (long) (merged.models().size() + 3) * Tile.SIZE * Float.BYTES);
            }
        }
        long chunk = (long) Crew.CHUNK * Double.BYTES;
        return PROCESS + threads * (chunk + tiles) + stages + masks + tokens * TOKEN;
    }

    /// Tokens of all models whose rows a job brings to one vocabulary.
    private static long tokens(TensorJob.Merged job) {
        return inputs(job)
                .filter(TensorJob.Rows.class::isInstance)
                .map(TensorJob.Rows.class::cast)
                .mapToLong(rows -> rows.origins().from(rows.model()))
                .sum();
    }

    /// Bytes of the tensors of earlier stages that are held while a job runs: those that it needs in several
    /// places from the first of these on, the others with those that they need in turn.
    private static long stages(TensorJob.Merged job) {
        Set<TensorJob.Stage> once = new HashSet<>();
        Set<TensorJob.Stage> often = new HashSet<>();
        count(job, once, often);
        return often.stream().mapToLong(stage -> stage.job().slot().bytes()).sum() + others(job, often);
    }

    private static void count(TensorJob.Merged job, Set<TensorJob.Stage> once, Set<TensorJob.Stage> often) {
        for (TensorJob.Stage stage : made(job)) {
            if (once.add(stage)) {
                count(stage.job(), once, often);
            } else {
                often.add(stage);
            }
        }
    }

    private static long others(TensorJob.Merged job, Set<TensorJob.Stage> often) {
        long held = 0;
        long most = 0;
        for (TensorJob.Stage stage : made(job)) {
            held += often.contains(stage) ? 0 : stage.job().slot().bytes();
            most = Math.max(most, others(stage.job(), often));
        }
        return held + most;
    }

    private static List<TensorJob.Stage> made(TensorJob.Merged job) {
        return inputs(job).flatMap(MemoryEstimate::made).toList();
    }

    private static Stream<TensorJob.Input> inputs(TensorJob.Merged job) {
        return Stream.concat(job.base().stream(), job.models().stream());
    }

    /// The job that makes an input; none for one that is read.
    private static Stream<TensorJob.Stage> made(TensorJob.Input input) {
        return switch (input) {
            case TensorJob.Source _ -> Stream.empty();
            case TensorJob.Stage stage -> Stream.of(stage);
            case TensorJob.Rows rows -> made(rows.tables().get(rows.model()));
        };
    }
}
