package org.lewis.measure;

import java.util.List;

/// How the task vectors of two fine-tunes go together, in one tensor or in several.
///
/// @param product         sum of `a * b`
/// @param both            elements that both fine-tunes changed
/// @param conflicts       those of them that they changed in opposite directions
/// @param bothWeight      sum of `min(|a|, |b|)` over the elements of `both`
/// @param conflictsWeight the same sum over those in conflict
public record Agreement(double product, long both, long conflicts, double bothWeight, double conflictsWeight) {

    /// The share of elements with opposite signs among those that both changed; NaN when there are none.
    public double conflictShare() {
        return (double) conflicts / both;
    }

    /// The same with each element counted by the smaller of its two changes, which is how much the other could cancel.
    public double weightedConflictShare() {
        return conflictsWeight / bothWeight;
    }

    /// The cosine of the angle between the two; NaN when one of them is zero.
    public double cosine(Change a, Change b) {
        return product / (a.norm() * b.norm());
    }

    /// Of several taken together, added in their order.
    static Agreement sum(List<Agreement> parts) {
        double product = 0;
        long both = 0;
        long conflicts = 0;
        double bothWeight = 0;
        double conflictsWeight = 0;
        for (Agreement part : parts) {
            product += part.product;
            both += part.both;
            conflicts += part.conflicts;
            bothWeight += part.bothWeight;
            conflictsWeight += part.conflictsWeight;
        }
        return new Agreement(product, both, conflicts, bothWeight, conflictsWeight);
    }

    /// @param a,b differences to the base; elements of which one is NaN or infinite do not count
    static Agreement of(float[] a, float[] b) {
        double product = 0;
        long both = 0;
        long conflicts = 0;
        double bothWeight = 0;
        double conflictsWeight = 0;
        for (int i = 0; i < a.length; i++) {
            // Exact: neither overflows nor becomes zero in double.
            double each = (double) a[i] * b[i];
            if (each != 0 && Math.abs(each) <= Double.MAX_VALUE) {
                double weight = Math.min(Math.abs(a[i]), Math.abs(b[i]));
                boolean opposite = each < 0;
                product += each;
                both++;
                conflicts += opposite ? 1 : 0;
                bothWeight += weight;
                conflictsWeight += opposite ? weight : 0;
            }
        }
        return new Agreement(product, both, conflicts, bothWeight, conflictsWeight);
    }
}
