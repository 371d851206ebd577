package org.lewis.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.CheckpointWriter;
import org.lewis.checkpoint.Layout;
import org.lewis.kernel.Magnitudes;
import org.lewis.merge.Crew;
import org.lewis.merge.Method;
import org.lewis.merge.Tile;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Rounding;
import org.lewis.tensor.Tensor;

/// Makes one tensor: prepares the method, then blends, rounds, writes and sums up chunk by chunk.
final class TensorMerge {

    /// Bytes that are copied or read back at once.
    private static final long STEP = 1 << 22;

    /// Chunks that are released at once.
    private static final int RELEASED = 16;

    private final TensorJob.Merged job;
    private final JobInputs inputs;
    private final Method method;
    private final Sources sources;
    private final CheckpointWriter writer;
    private final Buffers buffers;
    private final AtomicLong nonFinite = new AtomicLong();

    TensorMerge(TensorJob.Merged job, OpenPlan plan, CheckpointWriter writer, Buffers buffers)
            throws CheckpointException {
        this.job = job;
        this.inputs = JobInputs.of(job, plan);
        this.method = plan.method(OpenPlan.RESULT, job);
        this.sources = plan.sources();
        this.writer = writer;
        this.buffers = buffers;
    }

    Journal.Entry run(Crew crew) {
        if (!inputs.hasStages()) {
            return run(inputs, crew);
        }
        try (Arena stages = Arena.ofShared()) {
            return run(inputs.computed(stages, crew), crew);
        }
    }

    private Journal.Entry run(JobInputs inMemory, Crew crew) {
        Blending blending = new Blending(
                inMemory,
                method.prepare(inMemory, job.settings(), crew),
                job.slot().dtype());
        OrderedChecksum checksum = new OrderedChecksum();
        crew.map(Crew.chunks(inputs.elements()), chunk -> {
            try {
                blendChunk(blending, chunk, checksum);
            } catch (Throwable e) {
                checksum.abandon();
                throw e;
            }
            return null;
        });
        List<String> warnings = warnings(inMemory);
        inMemory.release(0, inMemory.elements());
        return new Journal.Entry(job.slot().name(), checksum.hex(), warnings);
    }

    /// What is wrong with the values, if anything.
    private List<String> warnings(JobInputs read) {
        if (nonFinite.get() == 0) {
            return List.of();
        }
        List<String> causes = new ArrayList<>();
        for (int i = 0; i < job.models().size(); i++) {
            count(read.tensor(i), sources.owner(job.models().get(i)), causes);
        }
        job.base().ifPresent(base -> count(read.base(), sources.owner(base), causes));
        return List.of(job.slot().name() + ": " + nonFinite.get() + " values of the result are NaN or infinite"
                + (causes.isEmpty()
                        ? " in " + job.slot().dtype().configName() + ", though the models' are not"
                        : "; " + String.join(", ", causes)));
    }

    private void blendChunk(Blending blending, int chunk, OrderedChecksum checksum) {
        long from = (long) chunk * Crew.CHUNK;
        long to = Math.min(inputs.elements(), from + Crew.CHUNK);
        Buffers.Buffer buffer = buffers.take();
        try {
            nonFinite.addAndGet(blending.write(from, to, buffer.segment()));
            ByteBuffer bytes = buffer.bytes()
                    .limit((int) job.slot().dtype().bytes(to - from))
                    .position(0);
            writer.write(job.slot().name(), job.slot().dtype().bytes(from), bytes);
            checksum.add(chunk, bytes.position(0));
            releaseBefore(chunk, blending.inputs());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            buffers.give(buffer);
        }
    }

    /// Gives pages of the models back, or all of them would belong to this process in the end. Many chunks at
    /// once, since each time all processors stop for a moment; and not the last ones, which other threads are
    /// still at.
    private static void releaseBefore(int chunk, JobInputs read) {
        if ((chunk + 1) % RELEASED == 0) {
            long to = (chunk + 1L - RELEASED) * Crew.CHUNK;
            read.release(Math.max(0, to - (long) RELEASED * Crew.CHUNK), to);
        }
    }

    private static void count(ReadableTensor tensor, String model, List<String> causes) {
        float[] values = new float[Tile.SIZE];
        long broken = 0;
        for (long at = 0; at < tensor.elements(); at += values.length) {
            int count = (int) Math.min(values.length, tensor.elements() - at);
            tensor.read(at, count, values);
            broken += Magnitudes.countAbove(values, count, Rounding.LARGEST_FLOAT);
        }
        if (broken > 0) {
            causes.add(model + " holds " + broken);
        }
    }

    /// Copies a tensor that is taken over as it is.
    static Journal.Entry copy(TensorJob.Copied job, Sources sources, CheckpointWriter writer) throws IOException {
        Tensor tensor = sources.stored(job.source());
        String name = job.slot().name();
        OrderedChecksum checksum = new OrderedChecksum();
        for (long at = 0; at < tensor.bytes().byteSize(); at += STEP) {
            long count = Math.min(STEP, tensor.bytes().byteSize() - at);
            ByteBuffer bytes = tensor.bytes().asSlice(at, count).asByteBuffer();
            writer.write(name, at, bytes);
            checksum.add((int) (at / STEP), bytes.position(0));
        }
        tensor.release(0, tensor.elements());
        return new Journal.Entry(name, checksum.hex(), List.of());
    }

    /// Of what an earlier run has written.
    static String checksum(Layout.Slot slot, CheckpointWriter writer) throws IOException {
        OrderedChecksum checksum = new OrderedChecksum();
        for (long at = 0; at < slot.bytes(); at += STEP) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(STEP, slot.bytes() - at));
            writer.read(slot.name(), at, bytes);
            checksum.add((int) (at / STEP), bytes.flip());
        }
        return checksum.hex();
    }
}
