package org.lewis.checkpoint;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Reads pickled data without running any of it: names of Python objects are looked up in a closed list of
/// constructors, and everything else is refused.
///
/// Values are `Map`, `List`, `String`, `Long`, `Double`, `Boolean`, null, and whatever the constructors make.
///
/// @see <a href="https://github.com/python/cpython/blob/main/Lib/pickletools.py">the opcodes, in pickletools.py</a>
final class Pickle {

    /// What a name stands for, when called with the arguments of a `REDUCE`.
    interface Constructor {
        Object make(List<?> arguments);
    }

    /// A pickle that is damaged or asks for more than plain data.
    static final class PickleException extends RuntimeException {
        private static final long serialVersionUID = 1;

        PickleException(String message) {
            super(message);
        }
    }

    private static final Object MARK = new Object();
    private static final int MOST_DEEP = 10_000_000;

    private final ByteBuffer in;
    private final BiFunction<String, String, Object> names;
    private final Function<Object, Object> persistent;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();

    private Pickle(ByteBuffer in, BiFunction<String, String, Object> names, Function<Object, Object> persistent) {
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        this.names = names;
        this.persistent = persistent;
    }

    /// @param names      module and name to a [Constructor] or a value; throws [PickleException] for all it does
    ///                   not know
    /// @param persistent what a persistent id stands for
    /// @throws PickleException when the bytes are no pickle of plain data
    static Object read(
            ByteBuffer bytes, BiFunction<String, String, Object> names, Function<Object, Object> persistent) {
        try {
            return new Pickle(bytes, names, persistent).run();
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new PickleException("the pickle ends too early");
        } catch (ClassCastException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new PickleException("the pickle is damaged: " + e.getMessage());
        }
    }

    private Object run() {
        while (true) {
            if (stack.size() > MOST_DEEP) {
                throw new PickleException("the pickle is too large");
            }
            int opcode = in.get() & 0xFF;
            switch (opcode) {
                case 0x80 -> in.get(); // PROTO
                case 0x95 -> in.getLong(); // FRAME
                case '.' -> {
                    return pop();
                }
                case '(' -> push(MARK);
                case '0' -> pop();
                case '2' -> push(stack.getLast());
                case 'N' -> push(null);
                case 0x88 -> push(true);
                case 0x89 -> push(false);
                case 'J' -> push((long) in.getInt());
                case 'K' -> push((long) (in.get() & 0xFF));
                case 'M' -> push((long) (in.getShort() & 0xFFFF));
                case 0x8A -> push(longOf(in.get() & 0xFF));
                case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
                case 'X' -> push(text(in.getInt()));
                case 0x8C -> push(text(in.get() & 0xFF));
                case 0x8D -> push(text(Math.toIntExact(in.getLong())));
                case 'U' -> push(text(in.get() & 0xFF));
                case 'T' -> push(text(in.getInt()));
                case '}' -> push(new LinkedHashMap<Object, Object>());
                case ']' -> push(new ArrayList<Object>());
                case ')' -> push(List.of());
                case 't' -> push(sinceMark());
                case 0x85 -> push(last(1));
                case 0x86 -> push(last(2));
                case 0x87 -> push(last(3));
                case 'q' -> memo.put((long) (in.get() & 0xFF), stack.getLast());
                case 'r' -> memo.put((long) in.getInt(), stack.getLast());
                case 0x94 -> memo.put((long) memo.size(), stack.getLast());
                case 'h' -> push(remembered(in.get() & 0xFF));
                case 'j' -> push(remembered(in.getInt()));
                case 'c' -> push(names.apply(line(), line()));
                case 0x93 -> {
                    String name = (String) pop();
                    push(names.apply((String) pop(), name));
                }
                case 'Q' -> push(persistent.apply(pop()));
                case 'R' -> {
                    List<?> arguments = (List<?>) pop();
                    push(((Constructor) pop()).make(arguments));
                }
                case 's' -> {
                    Object value = pop();
                    Object key = pop();
                    map().put(key, value);
                }
                case 'u' -> {
                    List<Object> pairs = sinceMark();
                    for (int i = 0; i < pairs.size(); i += 2) {
                        map().put(pairs.get(i), pairs.get(i + 1));
                    }
                }
                case 'a' -> {
                    Object value = pop();
                    list().add(value);
                }
                case 'e' -> {
                    List<Object> values = sinceMark();
                    list().addAll(values);
                }
                case 'b' -> pop(); // BUILD: attributes of an object, none of which are weights
                default ->
                    throw new PickleException(String.format("opcode 0x%02x, which no file of weights needs", opcode));
            }
        }
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        return stack.removeLast();
    }

    private List<Object> last(int count) {
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private List<Object> sinceMark() {
        int mark = stack.size() - 1;
        while (stack.get(mark) != MARK) {
            mark--;
        }
        List<Object> values = last(stack.size() - mark - 1);
        pop();
        return values;
    }

    @SuppressWarnings("unchecked")
    private Map<Object, Object> map() {
        return (Map<Object, Object>) stack.getLast();
    }

    @SuppressWarnings("unchecked")
    private List<Object> list() {
        return (List<Object>) stack.getLast();
    }

    private Object remembered(long key) {
        if (!memo.containsKey(key)) {
            throw new PickleException("the pickle refers to something that it does not hold");
        }
        return memo.get(key);
    }

    private Long longOf(int bytes) {
        if (bytes > Long.BYTES) {
            throw new PickleException("a whole number of " + bytes + " bytes");
        }
        long value = 0;
        int last = 0;
        for (int i = 0; i < bytes; i++) {
            last = in.get();
            value |= (last & 0xFFL) << (i * Byte.SIZE);
        }
        boolean extends_ = last < 0 && bytes < Long.BYTES;
        return extends_ ? value | -1L << (bytes * Byte.SIZE) : value;
    }

    private String text(int length) {
        if (length < 0 || length > in.remaining()) {
            throw new PickleException("a text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() {
        int start = in.position();
        while (in.get() != '\n') {
            // Up to the end of the line.
        }
        byte[] bytes = new byte[in.position() - 1 - start];
        in.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
