package org.lewis.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// A mapped PyTorch weight file (`.bin`, `.pt`): a ZIP file with a pickle that describes tensors, and their bytes.
///
/// Nothing in the pickle is executed: it may only name the few constructors that a state dict is made of. Tensors
/// are views of the mapped file; one that is not stored row by row is copied.
final class TorchFile implements WeightFile {

    private static final Map<String, Dtype> STORAGES = Map.ofEntries(
            Map.entry("DoubleStorage", Dtype.F64),
            Map.entry("FloatStorage", Dtype.F32),
            Map.entry("HalfStorage", Dtype.F16),
            Map.entry("BFloat16Storage", Dtype.BF16),
            Map.entry("LongStorage", Dtype.I64),
            Map.entry("IntStorage", Dtype.I32),
            Map.entry("ShortStorage", Dtype.I16),
            Map.entry("CharStorage", Dtype.I8),
            Map.entry("ByteStorage", Dtype.U8),
            Map.entry("BoolStorage", Dtype.BOOL),
            Map.entry("Float8_e4m3fnStorage", Dtype.F8_E4M3),
            Map.entry("Float8_e5m2Storage", Dtype.F8_E5M2));

    /// The bytes of one entry, with the type of its elements.
    private record Storage(Dtype dtype, MemorySegment bytes) {}

    /// A tensor that has no name yet.
    private record Described(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

    private final Arena arena;
    private final MemorySegment mapped;
    private final byte[] header;
    private final Map<String, Tensor> tensors;

    private TorchFile(Arena arena, MemorySegment mapped, byte[] header, Map<String, Tensor> tensors) {
        this.arena = arena;
        this.mapped = mapped;
        this.header = header;
        this.tensors = tensors;
    }

    /// @throws CheckpointException when the file is no state dict of plain tensors
    static TorchFile open(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            Map<String, MemorySegment> entries = StoredZip.entries(file, mapped);
            String pickle = entries.keySet().stream()
                    .filter(name -> name.endsWith("data.pkl"))
                    .findFirst()
                    .orElseThrow(() -> new CheckpointException(file + ": holds no data.pkl; is this a PyTorch file?"));
            String root = pickle.substring(0, pickle.length() - "data.pkl".length());
            refuseBigEndian(file, entries.get(root + "byteorder"));
            byte[] header = entries.get(pickle).toArray(ValueLayout.JAVA_BYTE);
            return new TorchFile(arena, mapped, header, tensors(file, header, root, entries, arena));
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public byte[] header() {
        return header.clone();
    }

    @Override
    public void release() {
        mapped.unload();
    }

    @Override
    public void close() {
        arena.close();
    }

    private static Map<String, Tensor> tensors(
            Path file, byte[] pickle, String root, Map<String, MemorySegment> entries, Arena arena)
            throws CheckpointException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try {
            Object state = Pickle.read(
                    java.nio.ByteBuffer.wrap(pickle), TorchFile::named, id -> storage((List<?>) id, root, entries));
            if (!(state instanceof Map<?, ?> map)) {
                throw new Pickle.PickleException("the file holds no state dict");
            }
            // Some trainers wrap the weights.
            Map<?, ?> weights = map.get("state_dict") instanceof Map<?, ?> inner ? inner : map;
            weights.forEach((name, value) -> {
                if (name instanceof String text && value instanceof Described described) {
                    tensors.put(text, tensor(text, described, arena));
                } else if (!(name instanceof String text && text.equals("_metadata"))) {
                    throw new Pickle.PickleException("\"" + name + "\" is no tensor");
                }
            });
        } catch (Pickle.PickleException | ClassCastException | ArithmeticException | IndexOutOfBoundsException e) {
            throw new CheckpointException(file + ": " + e.getMessage());
        }
        return Collections.unmodifiableMap(tensors);
    }

    /// The closed list of what a pickle may name.
    private static Object named(String module, String name) {
        String full = module + "." + name;
        return switch (full) {
            case "collections.OrderedDict" -> (Pickle.Constructor) _ -> new LinkedHashMap<>();
            case "torch._utils._rebuild_tensor_v2" -> (Pickle.Constructor) TorchFile::described;
            case "torch._utils._rebuild_parameter" -> (Pickle.Constructor) arguments -> arguments.getFirst();
            case "torch.Size" -> (Pickle.Constructor) arguments -> arguments.getFirst();
            default -> {
                Dtype dtype = module.equals("torch") || module.equals("torch.storage") ? STORAGES.get(name) : null;
                if (dtype == null) {
                    throw new Pickle.PickleException("the file names " + full
                            + ", which is not data; Lewis executes nothing from files. Save the model as safetensors");
                }
                yield dtype;
            }
        };
    }

    /// `("storage", type, key, location, elements)`
    private static Storage storage(List<?> id, String root, Map<String, MemorySegment> entries) {
        if (id.size() < 5 || !"storage".equals(id.getFirst()) || !(id.get(1) instanceof Dtype dtype)) {
            throw new Pickle.PickleException("a reference that is no storage");
        }
        MemorySegment bytes = entries.get(root + "data/" + id.get(2));
        if (bytes == null) {
            throw new Pickle.PickleException("the bytes of storage " + id.get(2) + " are missing");
        }
        return new Storage(dtype, bytes);
    }

    /// `(storage, offset, shape, strides, ...)`
    private static Described described(List<?> arguments) {
        return new Described(
                (Storage) arguments.get(0), (Long) arguments.get(1), longs((List<?>) arguments.get(2)), longs((List<?>)
                        arguments.get(3)));
    }

    private static List<Long> longs(List<?> values) {
        return values.stream().map(Long.class::cast).toList();
    }

    private static Tensor tensor(String name, Described described, Arena arena) {
        Shape shape;
        try {
            shape = new Shape(described.shape());
        } catch (IllegalArgumentException e) {
            throw new Pickle.PickleException(name + ": " + e.getMessage());
        }
        Dtype dtype = described.storage().dtype();
        long size = dtype.bits() / Byte.SIZE;
        MemorySegment stored = described.storage().bytes();
        if (isContiguous(described)) {
            long from = Math.multiplyExact(described.offset(), size);
            return new Tensor(name, dtype, shape, stored.asSlice(from, dtype.bytes(shape.elements())));
        }
        MemorySegment copy = arena.allocate(dtype.bytes(shape.elements()), Long.BYTES);
        long[] index = new long[shape.rank()];
        for (long i = 0; i < shape.elements(); i++) {
            long from = described.offset();
            for (int axis = 0; axis < index.length; axis++) {
                from += index[axis] * described.strides().get(axis);
            }
            MemorySegment.copy(stored, from * size, copy, i * size, size);
            for (int axis = index.length - 1; axis >= 0 && ++index[axis] == shape.dimension(axis); axis--) {
                index[axis] = 0;
            }
        }
        return new Tensor(name, dtype, shape, copy);
    }

    private static boolean isContiguous(Described described) {
        long expected = 1;
        for (int axis = described.shape().size() - 1; axis >= 0; axis--) {
            if (described.shape().get(axis) != 1 && described.strides().get(axis) != expected) {
                return false;
            }
            expected *= described.shape().get(axis);
        }
        return true;
    }

    private static void refuseBigEndian(Path file, MemorySegment byteOrder) throws CheckpointException {
        if (byteOrder != null
                && !new String(byteOrder.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8).equals("little")) {
            throw new CheckpointException(file + ": written on a big-endian machine, which is not supported");
        }
    }
}
