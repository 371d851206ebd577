package org.lewis.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lewis.tensor.ReadableTensor;

/// How fine-tunes differ from their base, in one tensor or in several.
///
/// @param changes    one per fine-tune
/// @param agreements one per pair of fine-tunes, at [#pair]
public record Difference(List<Change> changes, List<Agreement> agreements) {

    public Difference {
        changes = List.copyOf(changes);
        agreements = List.copyOf(agreements);
    }

    /// Reads all tensors once, on all threads.
    ///
    /// @param tuned of the base's shape
    /// @throws IllegalArgumentException when a dtype is none that can be computed with
    static Difference of(ReadableTensor base, List<ReadableTensor> tuned) {
        long elements = base.elements();
        return sum(tuned.size(), Pieces.map(elements, from -> piece(base, tuned, from, Pieces.length(elements, from))));
    }

    /// Of several taken together, added in their order.
    ///
    /// @param models how many fine-tunes there are
    static Difference sum(int models, List<Difference> parts) {
        List<Change> changes = IntStream.range(0, models)
                .mapToObj(model -> Change.sum(
                        parts.stream().map(part -> part.changes.get(model)).toList()))
                .toList();
        List<Agreement> agreements = IntStream.range(0, models * (models - 1) / 2)
                .mapToObj(pair -> Agreement.sum(
                        parts.stream().map(part -> part.agreements.get(pair)).toList()))
                .toList();
        return new Difference(changes, agreements);
    }

    public Agreement agreement(int one, int other) {
        return agreements.get(pair(one, other));
    }

    /// The cosine between two task vectors; NaN when one of them is zero.
    public double cosine(int one, int other) {
        return agreement(one, other).cosine(changes.get(one), changes.get(other));
    }

    /// Pairs stand in the order 0-1, 0-2, 1-2, 0-3, ...
    private static int pair(int one, int other) {
        int low = Math.min(one, other);
        int high = Math.max(one, other);
        return high * (high - 1) / 2 + low;
    }

    private static Difference piece(ReadableTensor base, List<ReadableTensor> tuned, long from, int count) {
        float[] origin = new float[count];
        base.read(from, count, origin);
        List<float[]> deltas = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        List<Agreement> agreements = new ArrayList<>();
        for (ReadableTensor tensor : tuned) {
            float[] delta = new float[count];
            tensor.read(from, count, delta);
            for (int i = 0; i < count; i++) {
                delta[i] -= origin[i];
            }
            changes.add(Change.of(origin, delta));
            deltas.forEach(earlier -> agreements.add(Agreement.of(earlier, delta)));
            deltas.add(delta);
        }
        return new Difference(changes, agreements);
    }
}
