package org.lewis.guidance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.forward.Tensors;
import org.lewis.model.Decoder;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;

/// Tensors of checkpoints as matrices to compute with, float32.
final class Matrices {

    /// Elements that one task reads.
    private static final int CHUNK = 1 << 16;

    private Matrices() {}

    /// A tensor as it is stored.
    static Tensor weight(ReadableTensor tensor) {
        return read(tensor, tensor::read);
    }

    /// The difference of a tensor to the base's.
    static Tensor taskVector(ReadableTensor tuned, ReadableTensor base) {
        return read(tuned, (from, count, target) -> {
            float[] origin = new float[count];
            tuned.read(from, count, target);
            base.read(from, count, origin);
            for (int i = 0; i < count; i++) {
                target[i] -= origin[i];
            }
        });
    }

    /// From the stored layout of a linear's weight to `[out, in]`, or back.
    static Tensor turned(Decoder.Linear linear, Tensor matrix) {
        return switch (linear.layout()) {
            case OUT_IN -> matrix;
            case IN_OUT -> matrix.t().contiguous();
        };
    }

    /// Of a linear's weight as it is stored.
    static Shape shape(Decoder.Linear linear) {
        return switch (linear.layout()) {
            case OUT_IN -> Shape.of(linear.out(), linear.in());
            case IN_OUT -> Shape.of(linear.in(), linear.out());
        };
    }

    private interface Reader {
        void read(long from, int count, float[] target);
    }

    private static Tensor read(ReadableTensor shape, Reader reader) {
        long[] dimensions =
                shape.shape().dimensions().stream().mapToLong(Long::longValue).toArray();
        Tensor matrix = torch.empty(dimensions, new TensorOptions(ScalarType.Float), null);
        MemorySegment memory = Tensors.memory(matrix);
        long elements = shape.elements();
        LongStream.range(0, (elements + CHUNK - 1) / CHUNK).parallel().forEach(chunk -> {
            long from = chunk * CHUNK;
            float[] values = new float[(int) Math.min(CHUNK, elements - from)];
            reader.read(from, values.length, values);
            MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, from * Float.BYTES, values.length);
        });
        return matrix;
    }
}
