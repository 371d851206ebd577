package org.lewis.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;

/// Text to token ids and back, by the `tokenizer.json` of a model folder.
///
/// Texts are never cut and never padded. Special tokens that stand in a text are recognised as such, whether or not
/// others are added around it; that is how the format is defined.
public final class Tokenizer implements AutoCloseable {

    private static final Map<String, String> OPTIONS = Map.of("truncation", "false", "padding", "false");

    static {
        // Without these the library asks the network where it runs, and may download natives for a GPU.
        setUnlessGiven("OPT_OUT_TRACKING", "true");
        setUnlessGiven("RUST_FLAVOR", "cpu");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final int vocabularySize;

    private Tokenizer(HuggingFaceTokenizer tokenizer, int vocabularySize) {
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
    }

    /// Opens the tokenizer of a model.
    ///
    /// @param modelFolder holds `tokenizer.json`
    /// @throws IOException when that file is missing, or is none that the tokenizers library can read
    public static Tokenizer open(Path modelFolder) throws IOException {
        Path file = modelFolder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(
                    file.toString(),
                    null,
                    "missing, so text cannot become tokens; copy that of the model's base there, or save an older"
                            + " tokenizer anew");
        }
        int vocabularySize = vocabularySize(file);
        try {
            return new Tokenizer(HuggingFaceTokenizer.newInstance(file, OPTIONS), vocabularySize);
        } catch (RuntimeException e) {
            throw new IOException(file + ": the tokenizers library cannot read it: " + e.getMessage(), e);
        }
    }

    /// The ids of a text.
    ///
    /// @param addSpecialTokens whether to add what the model expects around a text, such as a token for its
    ///                         beginning; false for a text from a chat template, which holds them already
    public int[] encode(String text, boolean addSpecialTokens) {
        return Arrays.stream(tokenizer.encode(text, addSpecialTokens, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /// The text of the ids, without special tokens.
    public String decode(int[] ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    /// One more than the largest id, added tokens included. A model's embedding often has more rows, rounded up.
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private static int vocabularySize(Path file) throws IOException {
        try {
            Node root = Json.read(file);
            int size = size(root.get("model").get("vocab"));
            for (Node token : root.find("added_tokens").map(Node::sequence).orElse(List.of())) {
                size = Math.max(size, sizeWith(token.get("id")));
            }
            return size;
        } catch (DocumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Unigram models list pieces in the order of their ids; all others map pieces to ids.
    private static int size(Node vocabulary) {
        return vocabulary.isSequence()
                ? vocabulary.sequence().size()
                : vocabulary.mapping().values().stream()
                        .mapToInt(Tokenizer::sizeWith)
                        .max()
                        .orElse(0);
    }

    private static int sizeWith(Node id) {
        return id.integer(0, Integer.MAX_VALUE - 1) + 1;
    }

    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
