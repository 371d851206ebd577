package org.lewis.vocabulary;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.lewis.document.Json;

/// Real tokenizers of a few hundred tokens, trained on the spot; the same text gives the same tokenizer.
public final class SmallTokenizers {

    private static final Joining PLAIN = new Joining("", "");

    private SmallTokenizers() {}

    /// As those of GPT-2, Llama 3 and Qwen: letters stand for bytes, added tokens follow the vocabulary.
    ///
    /// @param merges how many merges to learn, fewer when the text gives no more
    public static String ofBytes(String text, int merges, String... special) {
        Set<String> alphabet = new LinkedHashSet<>();
        for (int b = 0; b < 256; b++) {
            alphabet.add(letter(b));
        }
        List<String> words = new ArrayList<>();
        for (String word : text.split("(?<=\\S)(?= )")) {
            StringBuilder letters = new StringBuilder();
            for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
                letters.append(letter(b & 0xFF));
            }
            words.add(letters.toString());
        }
        Map<String, Object> level = new LinkedHashMap<>();
        level.put("type", "ByteLevel");
        level.put("add_prefix_space", false);
        level.put("trim_offsets", true);
        level.put("use_regex", true);
        Map<String, Object> file = frame(level, level, null);
        return write(file, bpe(false), alphabet, words, merges, special);
    }

    /// As that of Llama 2: `▁` stands for blanks, unknown letters fall back to bytes, special tokens come first.
    public static String ofCharacters(String text, int merges, String... special) {
        Set<String> alphabet = new LinkedHashSet<>();
        alphabet.add("<unk>");
        for (int b = 0; b < 256; b++) {
            alphabet.add(String.format("<0x%02X>", b));
        }
        String marked = "▁" + text.replace(" ", "▁");
        marked.codePoints().distinct().sorted().forEach(letter -> alphabet.add(Character.toString(letter)));
        Map<String, Object> normalizer = Map.of(
                "type",
                "Sequence",
                "normalizers",
                List.of(
                        ordered("type", "Prepend", "prepend", "▁"),
                        ordered("type", "Replace", "pattern", Map.of("String", " "), "content", "▁")));
        Map<String, Object> decoder = Map.of(
                "type",
                "Sequence",
                "decoders",
                List.of(
                        ordered("type", "Replace", "pattern", Map.of("String", "▁"), "content", " "),
                        Map.of("type", "ByteFallback"),
                        Map.of("type", "Fuse"),
                        ordered("type", "Strip", "content", " ", "start", 1L, "stop", 0L)));
        return write(
                frame(null, decoder, normalizer), bpe(true), alphabet, List.of(marked.split("(?=▁)")), merges, special);
    }

    /// Pieces with the given scores, as those of T5.
    public static String ofPieces(Map<String, Double> scores, String... special) {
        Map<String, Object> metaspace =
                ordered("type", "Metaspace", "replacement", "▁", "prepend_scheme", "always", "split", true);
        Map<String, Object> file = frame(metaspace, metaspace, null);
        List<List<Object>> vocabulary = new ArrayList<>();
        vocabulary.add(List.of("<unk>", 0.0));
        scores.forEach((piece, score) -> vocabulary.add(List.of(piece, score)));
        Map<String, Object> model =
                ordered("type", "Unigram", "unk_id", 0L, "vocab", vocabulary, "byte_fallback", false);
        return write(file, model, vocabulary.size(), special);
    }

    /// Words and their ends, marked by `##`, as those of BERT.
    public static String ofWordPieces(List<String> pieces, String... special) {
        Map<String, Object> file = frame(
                Map.of("type", "Whitespace"), ordered("type", "WordPiece", "prefix", "##", "cleanup", true), null);
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        vocabulary.put("[UNK]", 0L);
        pieces.forEach(piece -> vocabulary.put(piece, (long) vocabulary.size()));
        Map<String, Object> model = ordered(
                "type",
                "WordPiece",
                "unk_token",
                "[UNK]",
                "continuing_subword_prefix",
                "##",
                "max_input_chars_per_word",
                100L,
                "vocab",
                vocabulary);
        return write(file, model, vocabulary.size(), special);
    }

    /// The file of a vocabulary as text.
    public static String json(Vocabulary vocabulary) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            vocabulary.write(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toString(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> bpe(boolean fallback) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("dropout", null);
        model.put("unk_token", fallback ? "<unk>" : null);
        model.put("continuing_subword_prefix", null);
        model.put("end_of_word_suffix", null);
        model.put("fuse_unk", fallback);
        model.put("byte_fallback", fallback);
        model.put("ignore_merges", false);
        return model;
    }

    private static Map<String, Object> frame(Object preTokenizer, Object decoder, Object normalizer) {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("version", "1.0");
        file.put("truncation", null);
        file.put("padding", null);
        file.put("added_tokens", null);
        file.put("normalizer", normalizer);
        file.put("pre_tokenizer", preTokenizer);
        file.put("post_processor", null);
        file.put("decoder", decoder);
        return file;
    }

    private static String write(
            Map<String, Object> file,
            Map<String, Object> model,
            Set<String> alphabet,
            List<String> words,
            int merges,
            String... special) {
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        alphabet.forEach(symbol -> vocabulary.put(symbol, (long) vocabulary.size()));
        List<Object> pairs = new ArrayList<>();
        for (Vocabulary.Merge merge : train(words, merges)) {
            vocabulary.putIfAbsent(PLAIN.join(merge), (long) vocabulary.size());
            pairs.add(List.of(merge.left(), merge.right()));
        }
        model.put("vocab", vocabulary);
        model.put("merges", pairs);
        return write(file, model, vocabulary.size(), special);
    }

    private static String write(Map<String, Object> file, Map<String, Object> model, int size, String... special) {
        List<Object> added = new ArrayList<>();
        for (String token : special) {
            added.add(added(size + added.size(), token));
        }
        file.put("added_tokens", added);
        file.put("model", model);
        return Json.pretty(file);
    }

    /// A special token as files define it.
    static Map<String, Object> added(int id, String content) {
        return ordered(
                "id",
                (long) id,
                "content",
                content,
                "single_word",
                false,
                "lstrip",
                false,
                "rstrip",
                false,
                "normalized",
                false,
                "special",
                true);
    }

    /// Joins the most frequent pair, again and again; of those equally frequent, the first by its letters.
    private static List<Vocabulary.Merge> train(List<String> words, int merges) {
        List<List<String>> cut = new ArrayList<>();
        words.forEach(word -> cut.add(new ArrayList<>(PLAIN.symbols(word))));
        List<Vocabulary.Merge> learnt = new ArrayList<>();
        while (learnt.size() < merges) {
            Map<String, Integer> counts = new TreeMap<>();
            Map<String, Vocabulary.Merge> pairs = new LinkedHashMap<>();
            for (List<String> word : cut) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    Vocabulary.Merge pair = new Vocabulary.Merge(word.get(i), word.get(i + 1));
                    counts.merge(pair.toString(), 1, Integer::sum);
                    pairs.put(pair.toString(), pair);
                }
            }
            if (counts.isEmpty()) {
                break;
            }
            String best = counts.entrySet().stream()
                    .max(Map.Entry.<String, Integer>comparingByValue()
                            .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                    .orElseThrow()
                    .getKey();
            learnt.add(pairs.get(best));
            cut.forEach(word -> join(word, pairs.get(best)));
        }
        return learnt;
    }

    private static void join(List<String> word, Vocabulary.Merge pair) {
        for (int i = 0; i + 1 < word.size(); i++) {
            if (word.get(i).equals(pair.left()) && word.get(i + 1).equals(pair.right())) {
                word.set(i, PLAIN.join(pair));
                word.remove(i + 1);
            }
        }
    }

    /// The letter that stands for a byte: itself where that can be seen, else one from 256 on.
    private static String letter(int b) {
        int hidden = 0;
        for (int other = 0; other < b; other++) {
            hidden += isVisible(other) ? 0 : 1;
        }
        return Character.toString(isVisible(b) ? b : 256 + hidden);
    }

    private static boolean isVisible(int b) {
        return b > 32 && b < 127 || b > 160 && b != 173;
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
