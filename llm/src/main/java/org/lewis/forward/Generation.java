package org.lewis.forward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.lewis.model.Decoder;

/// A continuation while it grows: it says what to read next, and chooses tokens by what the model makes of that.
/// Shorter prompts are padded at the front; padding is neither seen nor counted as a position.
final class Generation implements AutoCloseable {

    private final Continuation asked;
    private final Placement placement;
    private final KeyValueCache cache;
    private final List<List<Integer>> texts = new ArrayList<>();
    private int[] active; // prompts still growing; row i of the cache belongs to prompt active[i]
    private int[] padding; // by row
    private int[] ids; // to be read next, row after row
    private int past; // tokens before them
    private long promptNanos;
    private long generationNanos;

    /// @throws IllegalArgumentException when the model cannot take prompts of these lengths together
    Generation(Decoder decoder, Placement placement, Continuation asked) {
        this.asked = asked;
        this.placement = placement;
        List<int[]> prompts = asked.prompts();
        int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
        refuseMovingPositions(decoder, longest);
        boolean grows = asked.limits().maxNewTokens() > 0;
        prompts.forEach(_ -> texts.add(new ArrayList<>()));
        active = IntStream.range(0, grows ? prompts.size() : 0).toArray();
        padding = prompts.stream().mapToInt(prompt -> longest - prompt.length).toArray();
        ids = padded(longest);
        int capacity = grows ? longest + asked.limits().maxNewTokens() - 1 : 0;
        cache = new KeyValueCache(decoder, prompts.size(), capacity, placement);
    }

    boolean isGrowing() {
        return active.length > 0;
    }

    /// The tokens that the model has not read yet.
    Batch next() {
        int[] shifts = Arrays.stream(padding).allMatch(p -> p == 0) ? new int[0] : padding;
        Pass pass = new Pass(active.length, ids.length / active.length, past, shifts, placement);
        return new Batch(ids, pass, Optional.of(cache));
    }

    /// Adds a token to each growing text and drops those that are complete.
    ///
    /// @param last  logits of the last token of each row
    void choose(Tensor last) {
        past += ids.length / active.length;
        int[] chosen = TokenChoice.choose(
                asked.sampling(), last, active, texts.get(active[0]).size());
        int[] rows = IntStream.range(0, chosen.length)
                .filter(row -> !isComplete(active[row], chosen[row]))
                .toArray();
        if (rows.length > 0 && rows.length < chosen.length) {
            try (PointerScope _ = new PointerScope()) {
                cache.select(placement.place(Torch.longs(rows, rows.length)));
            }
        }
        active = select(active, rows);
        padding = select(padding, rows);
        ids = select(chosen, rows);
    }

    /// Counts the time that a step took.
    void took(long nanos) {
        if (promptNanos == 0) {
            promptNanos = nanos;
        } else {
            generationNanos += nanos;
        }
    }

    Generated result() {
        List<int[]> tokens = texts.stream()
                .map(text -> text.stream().mapToInt(Integer::intValue).toArray())
                .toList();
        return new Generated(tokens, promptNanos, generationNanos);
    }

    @Override
    public void close() {
        cache.close();
    }

    private boolean isComplete(int prompt, int next) {
        List<Integer> text = texts.get(prompt);
        if (asked.limits().stopIds().contains(next)) {
            return true;
        }
        text.add(next);
        return text.size() == asked.limits().maxNewTokens() || asked.condition().isComplete(prompt, text);
    }

    private int[] padded(int longest) {
        List<int[]> prompts = asked.prompts();
        int[] padded = new int[prompts.size() * longest];
        for (int row = 0; row < prompts.size(); row++) {
            int[] prompt = prompts.get(row);
            System.arraycopy(prompt, 0, padded, row * longest + padding[row], prompt.length);
        }
        return padded;
    }

    /// Some rotary scalings turn early tokens differently once a text has grown longer; keys that were kept, and
    /// prompts of other lengths beside it, would then be wrong.
    private void refuseMovingPositions(Decoder decoder, int longest) {
        int shortest =
                asked.prompts().stream().mapToInt(prompt -> prompt.length).min().orElseThrow();
        int end = longest + asked.limits().maxNewTokens();
        if (!Rotation.isSteady(decoder, shortest, end)) {
            throw new IllegalArgumentException("texts of " + shortest + " to " + end
                    + " tokens need different rotary frequencies in this model; generate fewer tokens, or prompts"
                    + " of different lengths one by one");
        }
    }

    private static int[] select(int[] values, int[] rows) {
        return Arrays.stream(rows).map(row -> values[row]).toArray();
    }
}
