package org.lewis.kernel;

import java.util.Arrays;

/// Where magnitudes rank among those of their row, without sorting it: a histogram bounds each rank, and only where the
/// bounds do not decide the row is searched.
///
/// Ranks count from 0, the smallest; entries of one magnitude share the mean of their ranks. Not for several threads.
public final class Ranks {

    private static final int LEAST_BINS = 1 << 8;
    private static final int MOST_BINS = 1 << 14;

    /// Magnitudes that are looked for in the whole row; for more, it pays to group it by bins.
    private static final int SEARCHES = 16;

    private final int[] magnitudes;
    /// How many magnitudes lie in lower bins; one more than there are bins. Bin 0 is that of zeros.
    private final int[] starts;

    private int least;
    private int shift;

    private int searches;
    /// The magnitudes bin by bin, once there were many searches.
    private final int[] grouped;

    private final int[] ends;
    /// The magnitude that was looked for last in each bin of the grouped row, and its rank: stored weights have
    /// few digits, so that many entries of a bin are the same.
    private final int[] known;

    private final double[] ranks;

    private final int[] undecided = new int[Scratch.SIZE];

    public Ranks(int columns) {
        int bins = Math.clamp(Integer.highestOneBit(columns), LEAST_BINS, MOST_BINS);
        magnitudes = new int[columns];
        starts = new int[bins + 1];
        grouped = new int[columns];
        ends = new int[bins];
        known = new int[bins];
        ranks = new double[bins];
    }

    /// The row, to be filled before [#count].
    public int[] magnitudes() {
        return magnitudes;
    }

    /// Takes note of the row.
    public void count() {
        int smallest = smallestButZero();
        int largest = Magnitudes.largest(magnitudes, magnitudes.length);
        least = smallest;
        int bins = ends.length;
        // One bin is that of zeros.
        shift = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, largest - least) / (bins - 1));
        Arrays.fill(starts, 0);
        for (int magnitude : magnitudes) {
            starts[bin(magnitude) + 1]++;
        }
        int sum = 0;
        for (int i = 0; i <= bins; i++) {
            sum += starts[i];
            starts[i] = sum;
        }
        searches = 0;
    }

    private int smallestButZero() {
        int smallest = Magnitudes.MAX;
        for (int magnitude : magnitudes) {
            smallest = Math.min(smallest, magnitude - 1 & Magnitudes.MAX); // that of zero is the largest
        }
        return Math.max(smallest, smallest + 1);
    }

    private int bin(int magnitude) {
        return Math.max(0, (magnitude - least >> shift) + 1);
    }

    /// The mean rank of the entries of a magnitude that is one of them.
    double of(int magnitude) {
        if (searches++ < SEARCHES) {
            return rank(magnitude, magnitudes, 0, magnitudes.length);
        }
        if (searches == SEARCHES + 1) {
            group();
        }
        int bin = bin(magnitude);
        if (known[bin] != magnitude) {
            known[bin] = magnitude;
            ranks[bin] = starts[bin] + rank(magnitude, grouped, starts[bin], starts[bin + 1]);
        }
        return ranks[bin];
    }

    private void group() {
        System.arraycopy(starts, 0, ends, 0, ends.length);
        Arrays.fill(known, -1);
        for (int magnitude : magnitudes) {
            grouped[ends[bin(magnitude)]++] = magnitude;
        }
    }

    private static double rank(int magnitude, int[] among, int from, int to) {
        int smaller = 0;
        int equal = 0;
        for (int i = from; i < to; i++) {
            smaller += among[i] - magnitude >>> 31;
            equal += (among[i] ^ magnitude) - 1 >>> 31;
        }
        return smaller + (equal - 1) / 2.0;
    }

    /// Decides which entries stay: those whose rank is above `(draw - smallest) * ranksPerShare`. A draw is a number in
    /// [0, 1) by its 32 bits. It does not matter whether zeros stay, so they do not unless the draw alone says so.
    ///
    /// @param entries       magnitudes of the row, those from `begin` to `end` count
    /// @param smallest      the share of the entry of rank 0
    /// @param ranksPerShare how much the rank grows with the share
    /// @param masks         what [Masks] are made of, written from `begin` to `end`
    public void decide(
            int[] entries, int[] draws, int begin, int end, double smallest, double ranksPerShare, int[] masks) {
        // A hair inside, so that rounding is left to those who look at ranks.
        int below = limit(smallest * 0x1p32 - 2);
        int above = limit((smallest + magnitudes.length / ranksPerShare) * 0x1p32 + 2);
        int[] open = Scratch.get().first();
        for (int i = begin; i < end; i++) {
            masks[i] = Draws.isBelow(draws[i], below);
        }
        for (int i = begin; i < end; i++) {
            open[i] = Draws.isBelow(draws[i], above) & ~masks[i];
        }
        int count = 0;
        for (int i = begin; i < end; i++) {
            undecided[count] = i;
            count -= open[i];
        }
        for (int k = 0; k < count; k++) {
            int i = undecided[k];
            double needed = (Draws.uniform(draws[i]) - smallest) * ranksPerShare;
            masks[i] = stays(entries[i], needed, (int) Math.floor(needed));
        }
    }

    /// Whether a magnitude ranks above a number, whose largest int below is known. Nearly always the whole bin is
    /// on one side, and chance decides on which: so there is one branch only.
    private int stays(int magnitude, double needed, int below) {
        int floor = Math.max(-1, Math.min(below, magnitudes.length));
        int bin = bin(magnitude);
        int all = floor - starts[bin] >> 31;
        int none = starts[bin + 1] - 2 - floor >> 31;
        if ((all | none) == 0) {
            return magnitude != 0 && of(magnitude) > needed ? -1 : 0;
        }
        return all;
    }

    private static int limit(double draw) {
        return (int) (long) Math.max(0, Math.min(0xFFFFFFFFL, draw));
    }
}
