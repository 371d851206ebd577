package org.lewis.evaluate;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.lewis.tokenizer.Tokenizer;

/// Ends a generation where the next problem, or anything else that is no answer, begins.
public final class StopStrings {

    /// More tokens than the longest stop string has bytes, for those that stand for less than one.
    private static final int SPARE_TOKENS = 8;

    private StopStrings() {}

    /// The text before whichever stop string comes first, or all of it.
    public static String cut(String text, List<String> stops) {
        int end = stops.stream()
                .mapToInt(text::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(text.length());
        return text.substring(0, end);
    }

    /// Whether the last tokens hold a stop string. Only so many are looked at as the longest can have.
    static boolean end(Tokenizer tokenizer, List<Integer> tokens, List<String> stops) {
        if (stops.isEmpty()) {
            return false;
        }
        int longest = stops.stream()
                .mapToInt(stop -> stop.getBytes(StandardCharsets.UTF_8).length)
                .max()
                .orElseThrow();
        int from = Math.max(0, tokens.size() - longest - SPARE_TOKENS);
        int[] tail = tokens.subList(from, tokens.size()).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        String text = tokenizer.decode(tail);
        return stops.stream().anyMatch(text::contains);
    }
}
