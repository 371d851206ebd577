package org.lewis.forward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.lewis.model.Decoder;

/// Continuation of several prompts at once. Shorter prompts are padded at the front; padding is neither seen
/// nor counted as a position.
final class Generation {

    private final Decoder decoder;
    private final Weights weights;
    private final GenerationLimits limits;
    private final Sampling sampling;
    private final StopCondition condition;
    private final List<List<Integer>> texts = new ArrayList<>();
    private int[] active; // prompts still growing; row i of the cache belongs to prompt active[i]
    private int[] padding; // by row
    private long firstTokens; // when they were known, by System.nanoTime

    Generation(Decoder decoder, Weights weights, GenerationLimits limits, Sampling sampling, StopCondition condition) {
        this.decoder = decoder;
        this.weights = weights;
        this.limits = limits;
        this.sampling = sampling;
        this.condition = condition;
    }

    Generated run(List<int[]> prompts) {
        int longest = prompts.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        refuseMovingPositions(prompts, longest);
        prompts.forEach(_ -> texts.add(new ArrayList<>()));
        active = IntStream.range(0, prompts.size()).toArray();
        padding = prompts.stream().mapToInt(ids -> longest - ids.length).toArray();
        long start = System.nanoTime();
        firstTokens = start;
        if (limits.maxNewTokens() > 0) {
            int capacity = longest + limits.maxNewTokens() - 1;
            try (Torch.Session _ = Torch.enter();
                    KeyValueCache cache = new KeyValueCache(decoder, prompts.size(), capacity, weights.placement())) {
                grow(cache, prompts, longest);
            }
        }
        List<int[]> tokens = texts.stream()
                .map(text -> text.stream().mapToInt(Integer::intValue).toArray())
                .toList();
        return new Generated(tokens, firstTokens - start, System.nanoTime() - firstTokens);
    }

    private void grow(KeyValueCache cache, List<int[]> prompts, int longest) {
        int[] next = step(cache, padded(prompts, longest), longest, 0);
        firstTokens = System.nanoTime();
        next = collect(cache, next);
        for (int past = longest; next.length > 0; past++) {
            next = collect(cache, step(cache, next, 1, past));
        }
    }

    /// Adds a token to each growing text and drops those that are complete.
    ///
    /// @param next by row
    /// @return the tokens of the rows that remain
    private int[] collect(KeyValueCache cache, int[] next) {
        int[] rows = IntStream.range(0, next.length)
                .filter(row -> !isComplete(active[row], next[row]))
                .toArray();
        if (rows.length > 0 && rows.length < next.length) {
            try (PointerScope _ = new PointerScope()) {
                cache.select(weights.placement().place(Torch.longs(rows, rows.length)));
            }
        }
        active = select(active, rows);
        padding = select(padding, rows);
        return select(next, rows);
    }

    private boolean isComplete(int prompt, int next) {
        List<Integer> text = texts.get(prompt);
        if (limits.stopIds().contains(next)) {
            return true;
        }
        text.add(next);
        return text.size() == limits.maxNewTokens() || condition.isComplete(prompt, text);
    }

    /// @param ids row after row
    /// @return the next token of each row
    private int[] step(KeyValueCache cache, int[] ids, int tokens, int past) {
        try (PointerScope _ = new PointerScope()) {
            int rows = ids.length / tokens;
            int[] shifts = Arrays.stream(padding).allMatch(p -> p == 0) ? new int[0] : padding;
            Pass pass = new Pass(rows, tokens, past, shifts, weights.placement());
            Transformer transformer = new Transformer(weights, pass, Optional.of(cache), Tap.NONE);
            Tensor stream = transformer.run(decoder, Torch.longs(ids, rows, tokens));
            Tensor last = transformer.logits(decoder.head(), stream.select(1, tokens - 1));
            return TokenChoice.choose(
                    sampling, last, active, texts.get(active[0]).size());
        }
    }

    private int[] padded(List<int[]> prompts, int longest) {
        int[] ids = new int[prompts.size() * longest];
        for (int row = 0; row < prompts.size(); row++) {
            int[] prompt = prompts.get(row);
            System.arraycopy(prompt, 0, ids, row * longest + padding[row], prompt.length);
        }
        return ids;
    }

    /// Some rotary scalings turn early tokens differently once a text has grown longer; keys that were kept, and
    /// prompts of other lengths beside it, would then be wrong.
    private void refuseMovingPositions(List<int[]> prompts, int longest) {
        int shortest = prompts.stream().mapToInt(ids -> ids.length).min().orElseThrow();
        int end = longest + limits.maxNewTokens();
        for (Decoder.Block block : decoder.blocks()) {
            if (block.attention().work() instanceof Decoder.Attention attention
                    && attention.position() instanceof Decoder.Position.Rotary rotary
                    && !Rotation.isSteady(rotary, shortest, end)) {
                throw new IllegalArgumentException("texts of " + shortest + " to " + end
                        + " tokens need different rotary frequencies in this model; generate fewer tokens, or prompts"
                        + " of different lengths one by one");
            }
        }
    }

    private static int[] select(int[] values, int[] rows) {
        return Arrays.stream(rows).map(row -> values[row]).toArray();
    }
}
