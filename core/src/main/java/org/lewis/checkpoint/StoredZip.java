package org.lewis.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// The entries of a ZIP file as views of its mapped bytes. PyTorch stores entries uncompressed, so nothing is copied; a
/// compressed entry is refused.
final class StoredZip {

    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR_BYTES = 20;
    private static final int MAX_COMMENT = 0xFFFF;
    private static final long IN_EXTRA = 0xFFFFFFFFL;
    private static final int EXTRA_64 = 1;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final MemorySegment bytes;

    private StoredZip(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /// Entries by name.
    ///
    /// @throws CheckpointException when the bytes are no ZIP file, or an entry is compressed or lies outside of it
    static Map<String, MemorySegment> entries(Path file, MemorySegment mapped) throws CheckpointException {
        try {
            return new StoredZip(file, mapped).entries();
        } catch (IndexOutOfBoundsException e) {
            throw new CheckpointException(file + ": a damaged or truncated ZIP file");
        }
    }

    private Map<String, MemorySegment> entries() throws CheckpointException {
        long end = endOfCentralDirectory();
        long count = unsigned16(end + 10);
        long at = unsigned32(end + 16);
        long locator = end - LOCATOR_BYTES;
        if (locator >= 0 && bytes.get(INT, locator) == LOCATOR_64) {
            long end64 = bytes.get(LONG, locator + 8);
            if (bytes.get(INT, end64) != END_64) {
                throw damaged("its 64-bit directory is not where it should be");
            }
            count = bytes.get(LONG, end64 + 32);
            at = bytes.get(LONG, end64 + 48);
        }
        Map<String, MemorySegment> entries = new TreeMap<>();
        for (long i = 0; i < count; i++) {
            if (bytes.get(INT, at) != CENTRAL) {
                throw damaged("its directory is damaged");
            }
            int nameBytes = unsigned16(at + 28);
            int extraBytes = unsigned16(at + 30);
            String name = new String(
                    bytes.asSlice(at + 46, nameBytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            if (entries.put(name, entry(name, at, at + 46 + nameBytes, extraBytes)) != null) {
                throw damaged("two entries are called " + name);
            }
            at += 46 + nameBytes + extraBytes + unsigned16(at + 32);
        }
        return Collections.unmodifiableMap(entries);
    }

    private MemorySegment entry(String name, long central, long extra, int extraBytes) throws CheckpointException {
        if (unsigned16(central + 10) != 0) {
            throw damaged("the entry " + name + " is compressed, which PyTorch never does");
        }
        long size = unsigned32(central + 24);
        long local = unsigned32(central + 42);
        boolean sizeInExtra = size == IN_EXTRA;
        boolean localInExtra = local == IN_EXTRA;
        for (long at = extra; at + 4 <= extra + extraBytes; at += 4 + unsigned16(at + 2)) {
            if (unsigned16(at) == EXTRA_64) {
                long value = at + 4;
                if (sizeInExtra) {
                    size = bytes.get(LONG, value);
                    value += Long.BYTES;
                }
                if (unsigned32(central + 20) == IN_EXTRA) {
                    value += Long.BYTES; // the compressed size, which is the same
                }
                if (localInExtra) {
                    local = bytes.get(LONG, value);
                }
            }
        }
        if (bytes.get(INT, local) != LOCAL) {
            throw damaged("the entry " + name + " is not where the directory says");
        }
        return bytes.asSlice(local + 30 + unsigned16(local + 26) + unsigned16(local + 28), size);
    }

    private long endOfCentralDirectory() throws CheckpointException {
        long first = Math.max(0, bytes.byteSize() - END_BYTES - MAX_COMMENT);
        for (long at = bytes.byteSize() - END_BYTES; at >= first; at--) {
            if (bytes.get(INT, at) == END) {
                return at;
            }
        }
        throw new CheckpointException(
                file + ": neither safetensors nor a ZIP file; those of PyTorch before 1.6 have to be saved anew");
    }

    private int unsigned16(long at) {
        return Short.toUnsignedInt(bytes.get(SHORT, at));
    }

    private long unsigned32(long at) {
        return Integer.toUnsignedLong(bytes.get(INT, at));
    }

    private CheckpointException damaged(String how) {
        return new CheckpointException(file + ": a damaged ZIP file: " + how);
    }
}
