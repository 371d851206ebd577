package org.lewis.report;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.lewis.guidance.Linears;
import org.lewis.measure.Change;
import org.lewis.measure.Differences;

/// How large the changes of one fine-tune are, counted by powers of two.
///
/// @param octaves as in [Change#octaves]
record Magnitudes(long elements, long zeros, long[] octaves) {

    /// Octaves with fewer are left out at both ends.
    private static final double SELDOM = 1e-4;

    /// Over all linear layers.
    static Magnitudes of(Differences differences, Linears linears, int model) {
        Set<String> weights = new HashSet<>();
        linears.weights().forEach(layer -> weights.addAll(layer.values()));
        long elements = 0;
        long zeros = 0;
        long[] octaves = null;
        for (Differences.OfTensor tensor : differences.tensors()) {
            if (weights.contains(tensor.name())) {
                Change change = tensor.difference().changes().get(model);
                elements += change.elements();
                zeros += change.zeros();
                octaves = sum(octaves, change.octaves());
            }
        }
        if (octaves == null) {
            throw new IllegalArgumentException("no linear layer was compared");
        }
        return new Magnitudes(elements, zeros, octaves);
    }

    private static long[] sum(long[] one, long[] other) {
        if (one == null) {
            return other;
        }
        for (int i = 0; i < one.length; i++) {
            one[i] += other[i];
        }
        return one;
    }

    /// The least magnitude of an octave.
    static double edge(int octave) {
        return Math.pow(2, octave - 127);
    }

    double zeroShare() {
        return (double) zeros / elements;
    }

    /// The first octave that is shown.
    int first() {
        int at = 0;
        while (at < octaves.length - 1 && octaves[at] <= SELDOM * elements) {
            at++;
        }
        return at;
    }

    /// The last one, not before the first.
    int last() {
        int at = octaves.length - 1;
        while (at > first() && octaves[at] <= SELDOM * elements) {
            at--;
        }
        return at;
    }

    double[] shares(int first, int last) {
        return LongStream.of(octaves)
                .skip(first)
                .limit(last - first + 1)
                .mapToDouble(count -> (double) count / elements)
                .toArray();
    }

    /// The magnitude above which a share of all weights lies; 0 when fewer weights changed. It lies between powers of
    /// two as if small changes were spread evenly, and as if the share above a large one fell by equal ratios.
    double cut(double share) {
        double above = 0;
        for (int octave = octaves.length - 1; octave >= 0; octave--) {
            double from = (double) octaves[octave] / elements + above;
            if (from >= share && from > above) {
                boolean isSmall = from > 0.5 || above == 0;
                double evenly = 1 + (from - share) / (from - above);
                double byRatio = Math.pow(2, Math.log(from / share) / Math.log(from / above));
                return edge(octave) * (isSmall ? evenly : byRatio);
            }
            above = from;
        }
        return 0;
    }
}
