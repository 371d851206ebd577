package org.lewis.merge;

import java.util.Optional;
import org.lewis.kernel.Magnitudes;

/// Drops the entries of smallest magnitude and, as outliers, those of largest.
///
/// @param largest  keeps all but the smallest
/// @param outliers the trim that would keep just those that are dropped from the top; empty when none is
/// @see <a href="https://arxiv.org/abs/2312.06795">Davari and Belilovsky 2023, Model Breadcrumbs</a>
record Middle(Sparsity largest, Optional<Trim> outliers) implements Sparsity {

    /// Keeps `floor(density * elements)` entries, at least one, after the `floor(gamma * elements)` largest;
    /// where these are too many to leave that many, fewer of them go.
    static Middle of(TaskVector vector, double density, double gamma, Crew crew) {
        long elements = vector.elements();
        long kept = Math.max(1, (long) (density * elements));
        long top = Math.min((long) (gamma * elements), elements - kept);
        Selection selection = new Selection(vector, crew);
        return new Middle(
                top + kept >= elements ? NONE : selection.largest(top + kept),
                top <= 0 ? Optional.empty() : Optional.of(selection.largest(top)));
    }

    @Override
    public void apply(float[] values, long from, int count) {
        largest.apply(values, from, count);
        outliers.ifPresent(trim -> drop(trim, values, from, count));
    }

    /// A dropped value is 0, but NaN where it was not finite, so that no broken weight passes for an outlier.
    private static void drop(Trim trim, float[] values, long from, int count) {
        for (int i = 0; i < count; i++) {
            int magnitude = Magnitudes.of(values[i]);
            boolean tie = magnitude == trim.threshold() && from + i <= trim.lastTie();
            values[i] = magnitude > trim.threshold() || tie ? Math.abs(values[i]) * 0 : values[i];
        }
    }
}
