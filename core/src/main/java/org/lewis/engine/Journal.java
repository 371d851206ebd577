package org.lewis.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Folders;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// The tensors of an unfinished merge that are written, one line each. It lies in the unfinished folder and keeps other
/// merges out of it.
final class Journal implements AutoCloseable {

    static final String FILE = "lewis-journal.jsonl";

    /// A tensor that is written.
    ///
    /// @param checksum CRC-32 of its bytes
    /// @param warnings what was wrong with its values
    record Entry(String tensor, String checksum, List<String> warnings) {

        private static Entry of(Node node) {
            return new Entry(
                    node.get("tensor").text(),
                    node.get("crc32").text(),
                    node.get("warnings").sequence().stream().map(Node::text).toList());
        }

        private Map<String, Object> line() {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("tensor", tensor);
            line.put("crc32", checksum);
            line.put("warnings", warnings);
            return line;
        }
    }

    private final FileChannel channel;
    private final List<Entry> finished;

    private Journal(FileChannel channel, List<Entry> finished) {
        this.channel = channel;
        this.finished = finished;
    }

    /// Takes possession of an unfinished folder, which is made if it is not there. What another plan left behind is
    /// deleted, as is everything unless `resume` is set.
    ///
    /// @param plan a hash of everything that decides the bytes of the result
    /// @throws CheckpointException when another merge is at work in the folder
    static Journal open(Path folder, String plan, boolean resume) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(
                folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lock(channel, folder);
            List<Entry> finished = resume ? read(channel, plan) : List.of();
            if (finished.isEmpty()) {
                Folders.clear(folder, FILE);
            }
            channel.truncate(0);
            Journal journal = new Journal(channel, finished);
            journal.append(Map.of("plan", plan));
            for (Entry entry : finished) {
                journal.append(entry.line());
            }
            return journal;
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /// The tensors that an earlier run finished.
    List<Entry> finished() {
        return finished;
    }

    synchronized void finish(Entry entry) throws IOException {
        append(entry.line());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static void lock(FileChannel channel, Path folder) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new CheckpointException(folder + ": another merge is writing here");
        }
    }

    private void append(Map<String, ?> line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((Json.compact(line) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// A killed process may leave half a line at the end: from the first line that does not parse on, nothing counts.
    private static List<Entry> read(FileChannel channel, String plan) throws IOException {
        // Not closed, since that would close the channel and give up the lock.
        byte[] bytes = Channels.newInputStream(channel).readAllBytes();
        List<String> lines = List.of(new String(bytes, StandardCharsets.UTF_8).split("\n", -1));
        List<Entry> finished = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                Node node = Json.parse(FILE, i + 1, lines.get(i));
                if (i > 0) {
                    finished.add(Entry.of(node));
                } else if (!node.get("plan").text().equals(plan)) {
                    return List.of();
                }
            } catch (DocumentException e) {
                return finished;
            }
        }
        return finished;
    }
}
