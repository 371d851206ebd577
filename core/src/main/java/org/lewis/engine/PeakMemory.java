package org.lewis.engine;

import java.util.Optional;
import java.util.stream.Stream;
import org.lewis.merge.Crew;
import org.lewis.merge.Tile;
import org.lewis.plan.Plan;
import org.lewis.plan.TensorJob;

/// What a merge takes of memory at most, mapped files not counted, as far as a plan can tell.
public final class PeakMemory {

    /// The JVM with its code and garbage. Merges of models of half a billion parameters peaked between 160 and 190 MB.
    private static final long PROCESS = 190_000_000;

    private PeakMemory() {}

    /// @return bytes
    public static long of(Plan plan, int threads) {
        long stages = 0;
        long tiles = 0;
        for (TensorJob job : plan.jobs()) {
            if (job instanceof TensorJob.Merged merged) {
                // Large tensors are made one after the other, small ones side by side.
                stages = Math.max(stages, stages(merged) * (Merge.isLarge(job) ? 1 : threads));
                tiles = Math.max(tiles, (long) (merged.models().size() + 3) * Tile.SIZE * Float.BYTES);
            }
        }
        long chunk = (long) Crew.CHUNK * Double.BYTES;
        return PROCESS + threads * (chunk + tiles) + stages;
    }

    /// Bytes of the tensors of earlier stages that are held while a job runs, and of those that these need in turn.
    private static long stages(TensorJob.Merged job) {
        long held = 0;
        long most = 0;
        for (TensorJob.Input input :
                Stream.concat(job.base().stream(), job.models().stream()).toList()) {
            for (TensorJob.Merged merged : made(input).stream().toList()) {
                held += merged.slot().bytes();
                most = Math.max(most, stages(merged));
            }
        }
        return held + most;
    }

    /// The job that makes an input; none for one that is read.
    private static Optional<TensorJob.Merged> made(TensorJob.Input input) {
        return switch (input) {
            case TensorJob.Source _ -> Optional.empty();
            case TensorJob.Stage stage -> Optional.of(stage.job());
            case TensorJob.Rows rows -> made(rows.tables().get(rows.model()));
        };
    }
}
