package org.lewis.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.CheckpointWriter;
import org.lewis.checkpoint.Folders;
import org.lewis.checkpoint.Layout;
import org.lewis.document.DocumentException;
import org.lewis.merge.Crew;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Recipe;

/// Runs a merge: recipe in, model folder out.
public final class Merge {

    /// A tensor of more chunks is shared out among the threads; smaller ones are made side by side.
    private static final int LARGE_CHUNKS = 32;

    /// How often all pages of the models are given back. Tensors give back their own as they are done, but reading one
    /// maps some of its neighbours, too, which would add up to a twentieth of the models.
    private static final int RELEASES = 32;

    private static final long LEAST_BETWEEN_RELEASES = 1 << 26;

    private final Plan plan;
    private final Sources sources;
    private final Options options;
    private final Progress progress;
    private final Map<String, String> checksums = new TreeMap<>();
    private final List<String> warnings = new ArrayList<>();
    private long bytesDone;
    private long bytesReleased;

    private Merge(Plan plan, Sources sources, Options options, Progress progress) {
        this.plan = plan;
        this.sources = sources;
        this.options = options;
        this.progress = progress;
    }

    /// Merges with the standard options and seed.
    ///
    /// @param output a folder that does not exist yet, or is empty
    public static Report run(Recipe recipe, Path output) throws IOException {
        return run(recipe, output, Plan.DEFAULT_SEED, Options.standard(), Progress.NONE);
    }

    /// @param seed of the random masks
    /// @throws CheckpointException when models do not fit, the output is occupied, or the disk is full
    /// @throws org.lewis.document.DocumentException when the recipe cannot be right
    public static Report run(Recipe recipe, Path output, long seed, Options options, Progress progress)
            throws IOException {
        return run(recipe, output, seed, Plan.DEFAULT_SHARD_BYTES, options, progress);
    }

    static Report run(Recipe recipe, Path output, long seed, long shardBytes, Options options, Progress progress)
            throws IOException {
        refuseGuidance(recipe);
        refuseOccupied(output, options);
        try (Sources sources = Sources.open(recipe)) {
            refuseOverwritingAModel(output, sources);
            Plan plan = Plan.of(recipe, sources, seed, shardBytes);
            return new Merge(plan, sources, options, progress).write(recipe, output);
        }
    }

    /// @throws DocumentException when calibration has not been done yet
    static void refuseGuidance(Recipe recipe) {
        recipe.guidance().ifPresent(open -> {
            throw new DocumentException(
                    open.place(), "calibration has to set the densities first: `GuidedRecipe.of`, or `lewis merge`");
        });
    }

    /// @throws CheckpointException when something stands in the output folder and may not be replaced
    public static void refuseOccupied(Path output, Options options) throws IOException {
        if (Files.exists(output) && !Files.isDirectory(output)) {
            throw new CheckpointException(output + ": is a file, not a folder");
        }
        if (!options.force() && Folders.isOccupied(output)) {
            throw new CheckpointException(output + ": is not empty; choose another folder, or replace it with --force");
        }
    }

    private static void refuseOverwritingAModel(Path output, Sources sources) throws IOException {
        for (int model = 0; model < sources.count(); model++) {
            if (Files.exists(output)
                    && Files.isSameFile(output, sources.checkpoint(model).folder())) {
                throw new CheckpointException(output + ": is one of the models to merge; choose another folder");
            }
        }
    }

    private Report write(Recipe recipe, Path output) throws IOException {
        Map<String, Object> manifest = Manifest.before(recipe, plan, sources, options.hashInputs());
        Path part = CheckpointWriter.partOf(output);
        try (Journal journal = Journal.open(part, Manifest.key(manifest, plan, sources), options.resume());
                CheckpointWriter writer = CheckpointWriter.open(output, plan.layout())) {
            int resumed = resume(journal, writer);
            mergeTensors(writer, journal);
            for (Map.Entry<String, byte[]> file : OutputFiles.of(plan, sources).entrySet()) {
                writer.write(file.getKey(), file.getValue());
            }
            writer.write(ModelCard.FILE, ModelCard.of(recipe, plan));
            writer.write("lewis-recipe.yaml", recipe.text());
            writer.write(Manifest.FILE, Manifest.complete(manifest, checksums));
            Files.delete(part.resolve(Journal.FILE));
            writer.publish(options.force());
            warnings.sort(Comparator.naturalOrder());
            return new Report(
                    output, Map.copyOf(checksums), resumed, plan.layout().bytes(), plan.notes(), List.copyOf(warnings));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /// Takes over what an earlier run finished, as far as its bytes are still there.
    private int resume(Journal journal, CheckpointWriter writer) throws IOException {
        for (Journal.Entry entry : journal.finished()) {
            boolean acceptable = !options.strict() || entry.warnings().isEmpty();
            Layout.Slot slot = plan.layout().positions().get(entry.tensor()).slot();
            if (acceptable && TensorMerge.checksum(slot, writer).equals(entry.checksum())) {
                checksums.put(slot.name(), entry.checksum());
                warnings.addAll(entry.warnings());
                bytesDone += slot.bytes();
            }
        }
        return checksums.size();
    }

    private void mergeTensors(CheckpointWriter writer, Journal journal) {
        // The largest first: what is left for the end is small, and no thread waits long for another.
        List<TensorJob> open = plan.jobs().stream()
                .filter(job -> !checksums.containsKey(job.slot().name()))
                .sorted(Comparator.comparingLong((TensorJob job) -> -job.slot().bytes())
                        .thenComparing(job -> job.slot().name()))
                .toList();
        List<TensorJob> large = open.stream().filter(Merge::isLarge).toList();
        List<TensorJob> small = open.stream().filter(job -> !isLarge(job)).toList();
        try (Workers workers = new Workers(options.threads());
                Buffers buffers = new Buffers()) {
            OpenPlan ready = OpenPlan.of(plan, sources, workers);
            large.forEach(job -> finish(job, ready, writer, journal, buffers, workers));
            workers.map(small.size(), i -> {
                finish(small.get(i), ready, writer, journal, buffers, Crew.ALONE);
                return null;
            });
        }
    }

    static boolean isLarge(TensorJob job) {
        return Crew.chunks(job.slot().shape().elements()) > LARGE_CHUNKS;
    }

    private void finish(
            TensorJob job, OpenPlan ready, CheckpointWriter writer, Journal journal, Buffers buffers, Crew crew) {
        try {
            Journal.Entry entry = switch (job) {
                case TensorJob.Copied copied -> TensorMerge.copy(copied, sources, writer);
                case TensorJob.Merged merged -> new TensorMerge(merged, ready, writer, buffers).run(crew);
            };
            if (options.strict() && !entry.warnings().isEmpty()) {
                throw new CheckpointException(String.join("\n", entry.warnings()));
            }
            journal.finish(entry);
            record(job, entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void record(TensorJob job, Journal.Entry entry) {
        checksums.put(entry.tensor(), entry.checksum());
        warnings.addAll(entry.warnings());
        bytesDone += job.slot().bytes();
        if (bytesDone - bytesReleased >= Math.max(plan.layout().bytes() / RELEASES, LEAST_BETWEEN_RELEASES)) {
            bytesReleased = bytesDone;
            sources.release();
        }
        progress.tensorDone(entry.tensor(), bytesDone, plan.layout().bytes());
    }
}
