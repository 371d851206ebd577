package org.lewis.engine;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32;

/// The checksum of a tensor whose chunks are made out of order: each waits for its turn. Whoever makes the chunk whose
/// turn it is never waits, so nobody waits for ever, provided that chunks are begun in order.
///
/// It is CRC-32, as in zip and PNG files: it finds what disks and killed processes do to a file, and costs a
/// thirtieth of a SHA-256, which would take longer than most merges. It does not protect from somebody who forges
/// a file.
final class OrderedChecksum {

    private final CRC32 checksum = new CRC32();
    private int next;
    private boolean abandoned;

    synchronized void add(int chunk, ByteBuffer bytes) {
        try {
            while (chunk != next && !abandoned) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon();
            throw new IllegalStateException("interrupted while hashing", e);
        }
        checksum.update(bytes);
        next++;
        notifyAll();
    }

    /// Lets everybody go, because a chunk has failed and its turn will never come.
    synchronized void abandon() {
        abandoned = true;
        notifyAll();
    }

    /// Eight hexadecimal digits.
    synchronized String hex() {
        return HexFormat.of().toHexDigits(checksum.getValue(), 8);
    }
}
