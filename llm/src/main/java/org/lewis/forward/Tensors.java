package org.lewis.forward;

import java.lang.foreign.MemorySegment;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// What models compute, as memory that Java can read, from whatever device.
public final class Tensors {

    private Tensors() {}

    /// The elements row by row; a copy when the tensor has them in another order or elsewhere.
    ///
    /// @return valid as long as the scope that the caller is in
    public static org.lewis.tensor.Tensor view(Tensor tensor) {
        Tensor rows = tensor.cpu().contiguous();
        Dtype dtype = dtype(rows.scalar_type());
        long[] sizes = new long[Math.toIntExact(rows.dim())];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = rows.size(i);
        }
        return new org.lewis.tensor.Tensor("", dtype, Shape.of(sizes), Torch.memory(rows));
    }

    /// The bytes of a tensor, likewise.
    public static MemorySegment memory(Tensor tensor) {
        return view(tensor).bytes();
    }

    private static Dtype dtype(ScalarType type) {
        return switch (type.intern()) {
            case Float -> Dtype.F32;
            case BFloat16 -> Dtype.BF16;
            case Half -> Dtype.F16;
            case Double -> Dtype.F64;
            case Long -> Dtype.I64;
            default -> throw new IllegalArgumentException("no elements to read: " + type);
        };
    }
}
