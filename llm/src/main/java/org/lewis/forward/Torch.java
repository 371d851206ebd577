package org.lewis.forward;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The tensor library: set up once, entered by sessions that free what they made.
final class Torch {

    static {
        // Read by JavaCPP when its first class loads. Its default counts mapped weights and tensors against the heap.
        if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
            System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        }
        if (Pointer.maxPhysicalBytes() > 0) {
            throw new IllegalStateException("native memory is limited to " + Pointer.maxPhysicalBytes()
                    + " bytes for the whole process; start Java with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
        }
        torch.set_num_threads(Runtime.getRuntime().availableProcessors());
        // Float32 products run in a thread pool of their own, whose idle threads take the processors from the others.
        if (System.getenv("OPENBLAS_NUM_THREADS") == null) {
            openblas_nolapack.blas_set_num_threads(1);
        }
    }

    private Torch() {}

    /// Everything that the calling thread makes until it is closed is freed then, and nothing records gradients.
    ///
    /// @throws IllegalStateException on a virtual thread, whose native thread may change under it
    static Session enter() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("models run on platform threads only");
        }
        return new Session(new NoGradGuard(), new PointerScope());
    }

    /// How many threads the library runs an operation of the calling thread on.
    static void useProcessors(int count) {
        int _ = torch.get_num_threads(); // at its first operation a thread would take the number of the others
        torch.set_num_threads(count);
    }

    record Session(NoGradGuard guard, PointerScope scope) implements AutoCloseable {
        @Override
        public void close() {
            scope.close();
            guard.close();
        }
    }

    /// Runs work whose temporaries are freed at once; the result lives as long as the caller's own.
    static Tensor scoped(Supplier<Tensor> work) {
        PointerScope outer = PointerScope.getInnerScope();
        try (PointerScope inner = new PointerScope()) {
            Tensor result = work.get();
            outer.attach(result);
            inner.detach(result);
            return result;
        }
    }

    /// Frees a tensor of the innermost scope before its time.
    static void free(Tensor tensor) {
        PointerScope.getInnerScope().detach(tensor);
    }

    /// Takes a tensor out of all scopes; [#release] frees it.
    static Tensor retain(Tensor tensor) {
        return tensor.retainReference();
    }

    static void release(Tensor tensor) {
        tensor.releaseReference();
    }

    /// A view of memory, which must outlive it.
    static Tensor view(MemorySegment memory, ScalarType type, long... shape) {
        return torch.from_blob(new SegmentPointer(memory), shape, new TensorOptions(type));
    }

    /// A contiguous tensor's memory, valid as long as the tensor.
    static MemorySegment memory(Tensor tensor) {
        return MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(tensor.nbytes());
    }

    static Tensor longs(long[] values, long... shape) {
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Long), null);
        MemorySegment.copy(MemorySegment.ofArray(values), 0, memory(tensor), 0, (long) values.length * Long.BYTES);
        return tensor;
    }

    static Tensor longs(int[] values, long... shape) {
        return longs(Arrays.stream(values).asLongStream().toArray(), shape);
    }

    static Tensor floats(float[] values, long... shape) {
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Float), null);
        MemorySegment.copy(MemorySegment.ofArray(values), 0, memory(tensor), 0, (long) values.length * Float.BYTES);
        return tensor;
    }

    static Tensor doubles(double[] values, long... shape) {
        Tensor tensor = torch.empty(shape, new TensorOptions(ScalarType.Double), null);
        MemorySegment.copy(MemorySegment.ofArray(values), 0, memory(tensor), 0, (long) values.length * Double.BYTES);
        return tensor;
    }

    private static final class SegmentPointer extends BytePointer {

        SegmentPointer(MemorySegment memory) {
            super((Pointer) null);
            this.address = memory.address();
            this.limit = memory.byteSize();
            this.capacity = memory.byteSize();
        }
    }
}
