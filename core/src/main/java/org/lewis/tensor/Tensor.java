package org.lewis.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.lewis.kernel.Conversion;

/// A typed view of memory that someone else owns: usually a range of a mapped file, valid until that file is closed.
///
/// @param bytes the elements, row major and little endian, and no other bytes; need not be aligned
public record Tensor(String name, Dtype dtype, Shape shape, MemorySegment bytes) implements ReadableTensor {

    /// Linux maps not only the page that is read, but all those of the same 64 KiB: some that had been given back.
    private static final long AROUND = 1 << 16;

    public Tensor {
        if (bytes.byteSize() != dtype.bytes(shape.elements())) {
            throw new IllegalArgumentException(
                    name + ": " + dtype + " " + shape + " does not take " + bytes.byteSize() + " bytes");
        }
    }

    /// Converts elements `[from, from + count)` to float32. Exact but for float64, which is rounded once.
    ///
    /// @throws IllegalArgumentException when the dtype is none that a merge computes with
    @Override
    public void read(long from, int count, float[] target) {
        switch (dtype) {
            case F32 -> Conversion.fromFloat32(bytes, from, count, target);
            case BF16 -> Conversion.fromBfloat16(bytes, from, count, target);
            case F16 -> Conversion.fromFloat16(bytes, from, count, target);
            case F64 -> Conversion.fromFloat64(bytes, from, count, target);
            default -> throw new IllegalArgumentException(name + ": no float32 view of " + dtype);
        }
    }

    @Override
    public void release(long from, long to) {
        if (bytes.isMapped() && to > from) {
            long first = Math.max(dtype.bytes(from) - AROUND, 0);
            long end = Math.min(dtype.bytes(to) + AROUND, bytes.byteSize());
            bytes.asSlice(first, end - first).unload();
        }
    }

    @Override
    public Tensor inMemory(Arena arena) {
        return this;
    }

    /// All elements as float32; for tensors that fit an array.
    public float[] floats() {
        float[] floats = new float[Math.toIntExact(elements())];
        read(0, floats.length, floats);
        return floats;
    }
}
