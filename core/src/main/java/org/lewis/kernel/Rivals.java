package org.lewis.kernel;

/// Keeps the entries of a row at random, each with a probability that grows with its rank, without ranking the row.
///
/// An entry's rank, from 0 for the smallest, is the number of other entries that are smaller. So another entry, a rival
/// drawn at random, is smaller with the probability `rank / (columns - 1)`: what stays, from the least probability
/// on to the most, is decided by one comparison. Of equal entries each wins half of the time, as if they shared the
/// mean of their ranks.
///
/// Nearly a third of a row is compared at usual settings: for the rest the draw alone decides. Not for several threads.
public final class Rivals {

    private final int[] row;
    private final int[] draws;
    private final int[] masks;
    private final int[] open;
    private final int[] undecided;

    /// Draws below it stay.
    private final int least;
    /// Draws from here on do not.
    private final int most;

    /// In units of `2^-shift`.
    private final long placesPerDraw;

    private final int shift;

    /// @param columns entries of a row, at least 2
    /// @param least   in (0, 1), the probability of the smallest entry to stay
    /// @param most    in (`least`, 1), that of the largest
    public Rivals(int columns, double least, double most) {
        row = new int[columns];
        draws = new int[columns];
        masks = new int[columns];
        open = new int[columns];
        undecided = new int[columns];
        long from = Math.round(least * 0x1p32);
        long to = Math.round(most * 0x1p32);
        this.least = (int) from;
        this.most = (int) to;
        // Each rival has two places: in one of them it wins against an equal, in the other it does not.
        long places = 2L * (columns - 1);
        shift = Long.numberOfLeadingZeros(places) - 1;
        placesPerDraw = (places << shift) / Math.max(1, to - from);
    }

    /// The magnitudes of the row, to be filled before [#decide].
    public int[] row() {
        return row;
    }

    /// What stays of the row, as [Masks]; until the next call.
    ///
    /// @param from the number of the first entry's draw
    public int[] decide(long key, long from) {
        Draws.draw(key, from, draws, row.length);
        Draws.areBelow(draws, row.length, least, masks);
        Draws.areBelow(draws, row.length, most, open);
        for (int i = 0; i < row.length; i++) {
            open[i] &= ~masks[i];
        }
        int count = 0;
        for (int i = 0; i < row.length; i++) {
            undecided[count] = i;
            count -= open[i];
        }
        for (int k = 0; k < count; k++) {
            int i = undecided[k];
            int place = (int) (Integer.toUnsignedLong(draws[i] - least) * placesPerDraw >>> shift);
            int rival = place >> 1;
            rival += rival - i >= 0 ? 1 : 0;
            masks[i] = row[rival] - row[i] - (place & 1) >> 31;
        }
        return masks;
    }
}
