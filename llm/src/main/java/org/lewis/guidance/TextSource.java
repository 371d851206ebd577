package org.lewis.guidance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.TokenIds;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.dataset.Rows;
import org.lewis.dataset.Template;
import org.lewis.tokenizer.Tokenizer;

/// Where calibration text comes from: a file of token ids that every model takes as they are, or rows or lines that
/// each model's tokenizer cuts. Models whose `tokenizer.json` are equal share the ids; one without has the first's.
public final class TextSource {

    /// How text is chosen and cut.
    ///
    /// @param template  how a row of JSONL becomes text
    /// @param samples   at most that many rows
    /// @param seed      chooses the rows
    /// @param maxLength tokens of a sequence, the rest is cut
    public record Cut(String template, int samples, long seed, int maxLength) {}

    private final Path file;
    private final Optional<Cut> cut;
    private final Path first;
    private List<String> texts = List.of();
    private final Map<String, CalibrationText> byTokenizer = new LinkedHashMap<>();

    private TextSource(Path file, Optional<Cut> cut, Path first) {
        this.file = file;
        this.cut = cut;
        this.first = first;
    }

    /// A JSON list of lists of token ids.
    public static TextSource ofIds(Path file) {
        return new TextSource(file, Optional.empty(), file);
    }

    /// A file of JSONL or lines; or of token ids, of which the first samples are taken.
    ///
    /// @param first the model whose tokenizer serves models that have none
    public static TextSource of(Path file, Cut cut, Path first) {
        return new TextSource(file, Optional.of(cut), first);
    }

    /// What a model calibrates with.
    ///
    /// @throws CheckpointException when the text gives no token, or the tokenizer knows more tokens than the model
    public CalibrationText of(ModelLocation model) throws IOException {
        if (cut.isEmpty()) {
            return CalibrationText.of(TokenIds.read(file));
        }
        if (TokenIds.isTokenIds(file)) {
            List<int[]> all = TokenIds.read(file);
            return CalibrationText.of(all.subList(0, Math.min(cut.get().samples(), all.size())));
        }
        if (file.toString().endsWith(".json")) {
            throw new CheckpointException(file + ": neither a list of lists of token ids, nor JSONL or text");
        }
        if (texts.isEmpty()) {
            Template template = new Template(cut.get().template());
            texts = Rows.sample(
                    Rows.texts(file, template), cut.get().samples(), cut.get().seed());
        }
        Path owner = Files.isRegularFile(model.folder().resolve("tokenizer.json")) ? model.folder() : first;
        refuseForeignTokenizer(owner, model);
        String tokenizer = tokenizerOf(owner);
        CalibrationText text = byTokenizer.get(tokenizer);
        if (text == null) {
            List<int[]> sequences = TokenIds.encode(texts, owner, cut.get().maxLength());
            text = CalibrationText.of(
                    sequences, texts, cut.get().template(), cut.get().seed());
            byTokenizer.put(tokenizer, text);
        }
        return text;
    }

    /// Models may have more rows than their tokenizers have tokens, never fewer.
    private static void refuseForeignTokenizer(Path owner, ModelLocation model) throws IOException {
        int rows = LewisRun.describe(model).vocabulary();
        try (Tokenizer tokenizer = Tokenizer.open(owner)) {
            if (tokenizer.vocabularySize() > rows) {
                throw new CheckpointException(owner.resolve("tokenizer.json") + ": knows "
                        + tokenizer.vocabularySize() + " tokens, but " + model + " has embeddings for " + rows
                        + "; they are of different models");
            }
        }
    }

    private static String tokenizerOf(Path model) throws IOException {
        return Files.readString(model.resolve("tokenizer.json"), StandardCharsets.ISO_8859_1);
    }
}
