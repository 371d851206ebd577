package org.lewis.calibrate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.document.Place;
import org.lewis.tokenizer.Tokenizer;

/// Sequences of token ids to calibrate with. Each runs on its own; nothing is padded.
public final class TokenIds {

    private TokenIds() {}

    /// Reads a JSON list of lists of ids.
    public static List<int[]> read(Path file) throws IOException {
        Node root = root(file);
        if (!root.isSequence()) {
            throw root.expected("a list of lists of token ids");
        }
        List<int[]> sequences = new ArrayList<>();
        for (Node sequence : root.sequence()) {
            if (!sequence.isSequence()) {
                throw sequence.expected("a list of token ids");
            }
            List<Node> ids = sequence.sequence();
            if (ids.isEmpty()) {
                throw sequence.expected("at least one token id");
            }
            sequences.add(ids.stream()
                    .mapToInt(id -> id.integer(0, Integer.MAX_VALUE))
                    .toArray());
        }
        if (sequences.isEmpty()) {
            throw root.expected("at least one sequence of token ids");
        }
        return sequences;
    }

    private static Node root(Path file) throws IOException {
        try {
            return Json.read(file);
        } catch (DocumentException e) {
            String text = Json.utf8(file);
            if (Json.looksLikeLines(text)) {
                throw new DocumentException(
                        new Place(file.toString(), 1, 1),
                        "expected one list of lists of token ids, found JSONL; "
                                + (text.stripLeading().startsWith("[")
                                        ? "put the lists of all lines into one: [[1, 2], [3]]"
                                        : "rows of text are no token ids"));
            }
            throw e;
        }
    }

    /// Cuts texts into tokens, with what the model expects around a text, and keeps the first `maxLength` of each.
    ///
    /// @throws CheckpointException when a text has no token but those around it
    public static List<int[]> encode(List<String> texts, Path modelFolder, int maxLength) throws IOException {
        List<int[]> sequences = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(modelFolder)) {
            for (String text : texts) {
                if (tokenizer.encode(text, false).length == 0) {
                    throw new CheckpointException("the calibration text \"" + text + "\" has no token");
                }
                int[] ids = tokenizer.encode(text, true);
                sequences.add(Arrays.copyOf(ids, Math.min(ids.length, maxLength)));
            }
        }
        return sequences;
    }

    /// Whether a file looks like ids rather than text.
    public static boolean isTokenIds(Path file) {
        if (!file.toString().endsWith(".json")) {
            return false;
        }
        try {
            Node root = Json.read(file);
            return root.isSequence() && root.sequence().stream().allMatch(Node::isSequence);
        } catch (IOException | DocumentException e) {
            return false;
        }
    }
}
