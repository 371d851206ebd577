package org.lewis.evaluate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// The finished samples of one task and model, a line each, so that a killed run goes on where it was.
final class SampleJournal implements AutoCloseable {

    private final Optional<FileChannel> channel;
    private final Map<String, Node> finished;

    private SampleJournal(Optional<FileChannel> channel, Map<String, Node> finished) {
        this.channel = channel;
        this.finished = finished;
    }

    /// One that remembers nothing.
    static SampleJournal none() {
        return new SampleJournal(Optional.empty(), Map.of());
    }

    /// Goes on with a file, or begins it anew when it is of another key.
    ///
    /// @param key a hash of everything that decides the samples
    static SampleJournal open(Path file, String key) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Map<String, Node> finished = Files.exists(file) ? read(file, key) : Map.of();
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        SampleJournal journal = new SampleJournal(Optional.of(channel), finished);
        try {
            journal.append(Map.of("key", key));
            for (Node line : finished.values()) {
                journal.append((Map<?, ?>) line.plain());
            }
            return journal;
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /// What an earlier run made of a sample.
    ///
    /// @param id tells the samples of the task apart
    Optional<Node> find(String id) {
        return Optional.ofNullable(finished.get(id));
    }

    void add(String id, Map<String, ?> outcome) throws IOException {
        if (channel.isPresent()) {
            Map<String, Object> line = new HashMap<>(outcome);
            line.put("id", id);
            append(line);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel.isPresent()) {
            channel.get().close();
        }
    }

    private void append(Map<?, ?> line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((Json.compact(line) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.orElseThrow().write(bytes);
        }
    }

    /// A killed process may leave half a line at the end: from the first line that does not parse on, nothing counts.
    private static Map<String, Node> read(Path file, String key) throws IOException {
        List<String> lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
        Map<String, Node> finished = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                Node node = Json.parse(file.toString(), i + 1, lines.get(i));
                if (i > 0) {
                    finished.put(node.get("id").text(), node);
                } else if (!node.get("key").text().equals(key)) {
                    return Map.of();
                }
            } catch (DocumentException e) {
                return finished;
            }
        }
        return finished;
    }
}
