package org.lewis.evaluate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.lewis.checkpoint.Sha256;

/// Where the journals of a model's tasks lie.
///
/// @param folder holds a file for each task
/// @param prefix of its name, different for each model of a run
/// @param model  a hash of the model's weights
public record Journals(Path folder, String prefix, String model) {

    private static final String ENDING = ".journal.jsonl";

    /// The file of a task; to be deleted when the run that it belongs to is complete.
    public Path file(String task) {
        return folder.resolve(prefix + "-" + task + ENDING);
    }

    /// @param sequences what the model reads
    /// @param settings  everything else that decides what comes out
    SampleJournal open(String task, List<int[]> sequences, String settings) throws IOException {
        return SampleJournal.open(file(task), Sha256.of(target -> {
            target.write((model + "\n" + task + "\n" + settings + "\n").getBytes(StandardCharsets.UTF_8));
            for (int[] ids : sequences) {
                ByteBuffer bytes = ByteBuffer.allocate((ids.length + 1) * Integer.BYTES);
                bytes.putInt(ids.length).asIntBuffer().put(ids);
                target.write(bytes.array());
            }
        }));
    }
}
