package org.lewis.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.lewis.kernel.Magnitudes;

/// Finds the k-th largest magnitude of a task vector in linear time and, as a rule, in one pass: a sample brackets it,
/// the pass counts what lies above the bracket and collects what lies inside.
///
/// The sample only decides how fast it is. When the bracket misses or holds too much, histograms narrow it down.
record Selection(TaskVector vector, Crew crew) {

    private static final int LEAST_SAMPLE = 1 << 14;
    private static final int MOST_SAMPLE = 1 << 22;

    /// Entries that are collected at most, but for a tile in each chunk. Where ties fill a bracket with more,
    /// histograms take less memory.
    private static final int MOST_COLLECTED = 1 << 23;

    /// Room for what a chunk collects as a rule.
    private static final int FIRST_COLLECTED = Crew.CHUNK / 16 + Tile.SIZE;

    /// Entries of the sample that lie side by side.
    private static final int RUN = 64;

    /// Half the bracket in standard deviations of the rank in the sample: wide enough to miss once in 16,000 tensors.
    private static final double SIGMAS = 4;

    /// Bins of a histogram: they fit a level-2 cache.
    private static final int BINS = 1 << 14;

    /// Magnitudes from `low` to `high`, both included.
    private record Bracket(int low, int high) {

        static final Bracket ALL = new Bracket(0, Magnitudes.MAX);

        boolean isOne() {
            return low == high;
        }
    }

    /// The trim that keeps the `rank` largest entries.
    ///
    /// @param rank from 1 to one less than there are entries
    Trim largest(long rank) {
        return find(sample -> sample.bracket((double) rank / vector.elements(), 0), false, _ -> rank)
                .orElseThrow();
    }

    /// The trim that keeps the largest `floor(share * n)` of the `n` entries that are not zero; empty when these are
    /// none.
    ///
    /// @param share in (0, 1)
    Optional<Trim> largestOfNonZero(double share) {
        return find(
                sample -> {
                    double nonZero = sample.nonZero();
                    // How many there are is a guess, too.
                    return sample.bracket(share * nonZero, share * share * nonZero * (1 - nonZero));
                },
                true,
                nonZero -> (long) (share * nonZero));
    }

    /// @param guess    where the threshold lies as a rule, from a sample
    /// @param nonZeros whether those that are not zero are counted
    /// @param rankOf   the rank of the threshold, from how many these are
    private Optional<Trim> find(Function<Sample, Bracket> guess, boolean nonZeros, LongUnaryOperator rankOf) {
        Bracket bracket = vector.elements() <= Crew.CHUNK ? Bracket.ALL : guess.apply(sample());
        List<Search> chunks = search(bracket, nonZeros);
        long rank = rankOf.applyAsLong(
                chunks.stream().mapToLong(chunk -> chunk.nonZero).sum());
        if (rank == 0) {
            return Optional.empty();
        }
        long above = chunks.stream().mapToLong(chunk -> chunk.above).sum();
        long inside = chunks.stream().mapToLong(chunk -> chunk.inside).sum();
        if (rank <= above || rank > above + inside) {
            return Optional.of(narrowed(Bracket.ALL, rank));
        }
        if (bracket.isOne()) {
            return Optional.of(trim(bracket.low(), rank - above, chunks));
        }
        return Optional.of(
                chunks.stream().anyMatch(chunk -> chunk.collected == null)
                        ? narrowed(bracket, rank)
                        : collected(chunks, rank, above, Math.toIntExact(inside)));
    }

    /// Picks the threshold from what the chunks collected.
    private Trim collected(List<Search> chunks, long rank, long above, int inside) {
        int[] all = new int[inside];
        int end = 0;
        for (Search chunk : chunks) {
            System.arraycopy(chunk.collected, 0, all, end, chunk.inside);
            end += chunk.inside;
        }
        int threshold = Magnitudes.select(all, inside, Math.toIntExact(rank - above));
        long larger = above;
        List<Integer> ties = new ArrayList<>();
        for (Search chunk : chunks) {
            int over = Magnitudes.countAbove(chunk.collected, chunk.inside, threshold);
            larger += over;
            ties.add(Magnitudes.countAbove(chunk.collected, chunk.inside, threshold - 1) - over);
        }
        return new Trim(threshold, Trim.lastTie(vector, threshold, rank - larger, ties));
    }

    /// Picks the threshold by histograms of ever narrower brackets, starting from one that holds it.
    private Trim narrowed(Bracket start, long rank) {
        Bracket bracket = start;
        while (!bracket.isOne()) {
            bracket = binOf(rank, bracket);
        }
        List<Search> chunks = search(bracket, false);
        return trim(
                bracket.low(),
                rank - chunks.stream().mapToLong(chunk -> chunk.above).sum(),
                chunks);
    }

    private Trim trim(int threshold, long quota, List<Search> chunks) {
        List<Integer> ties = chunks.stream().map(chunk -> chunk.inside).toList();
        return new Trim(threshold, Trim.lastTie(vector, threshold, quota, ties));
    }

    /// Magnitudes of a few entries from all over the tensor.
    private record Sample(int[] magnitudes) {

        /// The share of those that are not zero.
        double nonZero() {
            return (double) Magnitudes.countAbove(magnitudes, magnitudes.length, 0) / magnitudes.length;
        }

        /// Where the entry lies that this share of all entries are above.
        ///
        /// @param variance of the share, times the size of the sample, where it is a guess
        Bracket bracket(double share, double variance) {
            int size = magnitudes.length;
            double slack = SIGMAS * Math.sqrt(size * (share * (1 - share) + variance)) + 2;
            int upper = (int) Math.floor(share * size - slack);
            int lower = (int) Math.ceil(share * size + slack);
            return new Bracket(
                    lower > size ? 0 : Magnitudes.select(magnitudes, size, lower),
                    upper < 1 ? Magnitudes.MAX : Magnitudes.select(magnitudes, size, upper));
        }
    }

    private Sample sample() {
        long elements = vector.elements();
        int runs = Math.clamp(sampleSize(elements), LEAST_SAMPLE, MOST_SAMPLE) / RUN;
        int[] sample = new int[runs * RUN];
        float[] values = new float[RUN];
        float[] scratch = new float[RUN];
        for (int i = 0; i < runs; i++) {
            vector.read(elements / runs * i, RUN, values, scratch);
            Magnitudes.copy(values, RUN, sample, i * RUN);
        }
        return new Sample(sample);
    }

    /// With it, reading the sample costs about as much as selecting from what its bracket holds.
    private static long sampleSize(long elements) {
        return (long) (2 * Math.pow(elements, 2 / 3.0));
    }

    private List<Search> search(Bracket bracket, boolean nonZeros) {
        int chunks = Crew.chunks(vector.elements());
        int room = chunks == 1 ? Crew.CHUNK : Math.min(Crew.CHUNK / 4, MOST_COLLECTED / chunks);
        return crew.mapChunks(vector.elements(), (from, to) -> {
            Search search = new Search(bracket, nonZeros, room);
            vector.eachTile(from, to, search);
            search.end();
            return search;
        });
    }

    private Bracket binOf(long rank, Bracket bracket) {
        int shift = Math.max(0, Integer.SIZE - Integer.numberOfLeadingZeros((bracket.high() - bracket.low()) / BINS));
        record Counts(long above, int[] bins) {}
        List<Counts> chunks = crew.mapChunks(vector.elements(), (from, to) -> {
            long[] above = new long[1];
            int[] bins = new int[BINS];
            int[] magnitudes = new int[Tile.SIZE];
            vector.eachTile(from, to, (values, _, count) -> {
                above[0] += Magnitudes.countAbove(values, count, bracket.high());
                Magnitudes.copy(values, count, magnitudes, 0);
                Magnitudes.histogram(magnitudes, count, bracket.low(), bracket.high(), shift, bins);
            });
            return new Counts(above[0], bins);
        });
        long larger = chunks.stream().mapToLong(Counts::above).sum();
        int bin = BINS;
        long inBin = 0;
        while (larger + inBin < rank) {
            larger += inBin;
            bin--;
            inBin = 0;
            for (Counts chunk : chunks) {
                inBin += chunk.bins()[bin];
            }
        }
        int low = bracket.low() + (bin << shift);
        return new Bracket(low, (int) Math.min(bracket.high(), low + (1L << shift) - 1));
    }

    /// One chunk's search: how many entries lie above the bracket and inside, and which ones these are.
    private static final class Search implements TaskVector.TileVisitor {

        private final Bracket bracket;
        private final boolean nonZeros;
        /// Room for what a chunk may collect at most.
        private final int most;
        private int nonZero;
        private int above;
        private int inside;
        /// Null once it has overflowed: then only the counts hold.
        private int[] collected;

        Search(Bracket bracket, boolean nonZeros, int room) {
            this.bracket = bracket;
            this.nonZeros = nonZeros;
            this.most = room + Tile.SIZE;
            this.collected = bracket.isOne() ? null : new int[Math.min(most, FIRST_COLLECTED)];
        }

        @Override
        public void visit(float[] values, long from, int count) {
            nonZero += nonZeros ? Magnitudes.countAbove(values, count, 0) : 0;
            int higher = Magnitudes.countAbove(values, count, bracket.high());
            above += higher;
            if (collected != null && inside + count > collected.length) {
                collected =
                        inside + count > most ? null : Arrays.copyOf(collected, Math.min(most, 2 * collected.length));
            }
            inside = collected == null
                    ? inside + Magnitudes.countAbove(values, count, bracket.low() - 1) - higher
                    : Magnitudes.collect(values, count, bracket.low(), bracket.high(), collected, inside);
        }

        /// Gives back the room that was not needed.
        void end() {
            collected = collected == null ? null : Arrays.copyOf(collected, inside);
        }
    }
}
