package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A file that is written beside its place and moved there when it is whole, so that nobody sees half of it. Closed
/// before that, it leaves nothing.
public final class BesideFile implements AutoCloseable {

    private final Path target;
    private final Path beside;
    private final FileChannel channel;

    private BesideFile(Path target, Path beside, FileChannel channel) {
        this.target = target;
        this.beside = beside;
        this.channel = channel;
    }

    /// @param file its place, in a folder that is there
    public static BesideFile open(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        // Not a temporary file of the system's, which nobody else could read.
        Path beside = target.resolveSibling(target.getFileName() + "." + Long.toHexString(System.nanoTime()) + ".part");
        return new BesideFile(
                target, beside, FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    public FileChannel channel() {
        return channel;
    }

    /// Moves the file to its place, where it replaces another.
    public void publish() throws IOException {
        channel.close();
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(beside);
    }
}
