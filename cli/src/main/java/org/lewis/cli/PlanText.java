package org.lewis.cli;

import java.util.Locale;
import org.lewis.checkpoint.Layout;
import org.lewis.engine.MemoryEstimate;
import org.lewis.plan.Plan;
import org.lewis.plan.Reads;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;

/// A plan as `--dry-run` prints it.
final class PlanText {

    private PlanText() {}

    static String of(Plan plan, Sources sources, int threads) {
        StringBuilder text = new StringBuilder();
        for (TensorJob job : plan.jobs()) {
            text.append(job.slot().name())
                    .append("  ")
                    .append(job.slot().dtype())
                    .append(' ')
                    .append(job.slot().shape())
                    .append("  ")
                    .append(parameters(job, sources))
                    .append('\n');
        }
        for (Layout.Shard shard : plan.layout().shards()) {
            text.append(String.format(Locale.ROOT, "%s  %,d bytes%n", shard.file(), shard.bytes()));
        }
        plan.stages()
                .forEach((name, jobs) ->
                        text.append(String.format(Locale.ROOT, "stage %s  %d tensors%n", name, jobs.size())));
        plan.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
        return text.append(String.format(
                        Locale.ROOT,
                        "%s of %d models: %d tensors, %,d bytes to read, %,d to write, about %d MB of memory, seed"
                                + " %d%n",
                        plan.method().name(),
                        sources.count(),
                        plan.jobs().size(),
                        Reads.bytes(plan, sources),
                        plan.layout().bytes(),
                        MemoryEstimate.of(plan, threads) / 10_000_000 * 10,
                        plan.seed()))
                .toString();
    }

    private static String parameters(TensorJob job, Sources sources) {
        return switch (job) {
            case TensorJob.Copied copied -> "copied from " + sources.owner(copied.source());
            case TensorJob.Merged merged -> {
                StringBuilder text = new StringBuilder(merged.settings().merge().toString());
                for (int i = 0; i < merged.models().size(); i++) {
                    text.append("  ")
                            .append(sources.owner(merged.models().get(i)))
                            .append(' ')
                            .append(merged.settings().models().get(i));
                }
                yield text.toString();
            }
        };
    }
}
