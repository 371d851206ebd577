package org.lewis.merge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.kernel.Magnitudes;

/// Keeps the entries of largest magnitude among all tensors of a model, exactly as many as asked: of those that tie at
/// the threshold the first stay, in the order of the tensors' names and then of their positions.
final class WholeTrim {

    /// Bits of a magnitude that each pass tells apart, from the top.
    private static final int[] DIGITS = {11, 10, 10};

    /// The part of one tensor.
    ///
    /// @param threshold magnitude bits of the smallest entry that stays
    /// @param ties      entries of the tensor at the threshold
    /// @param kept      how many of these stay, the first ones
    record Quota(int threshold, long ties, long kept) {

        Sparsity of(TaskVector vector, Crew crew) {
            if (kept == 0 || kept == ties) {
                return new Trim(threshold, kept == 0 ? -1 : vector.elements());
            }
            List<Integer> inChunks = crew.mapChunks(vector.elements(), (from, to) -> {
                int[] found = new int[1];
                vector.eachTile(from, to, (values, _, count) -> {
                    for (int i = 0; i < count; i++) {
                        found[0] += Magnitudes.of(values[i]) == threshold ? 1 : 0;
                    }
                });
                return found[0];
            });
            return new Trim(threshold, Trim.lastTie(vector, threshold, kept, inChunks));
        }
    }

    /// What is ranked: the task vectors, or numbers computed from them.
    interface Vectors {
        TaskVector of(Inputs inputs, int model);
    }

    /// How one model's search stands.
    private static final class Search {

        /// The threshold's bits from the top, as far as they are known.
        private int known;

        private long rank;

        Search(long rank) {
            this.rank = rank;
        }

        /// Takes the next bits from how many entries begin with the known ones and go on with each value.
        void narrow(long[] counts, int bits) {
            int digit = counts.length - 1;
            while (rank > counts[digit]) {
                rank -= counts[digit--];
            }
            known = known << bits | digit;
        }
    }

    private final WholeModels models;
    private final Vectors vectors;

    WholeTrim(WholeModels models, Vectors vectors) {
        this.models = models;
        this.vectors = vectors;
    }

    /// The densities of the models, which must be the same in all tensors.
    ///
    /// @throws IllegalArgumentException when they are not
    static List<Double> densities(List<Settings> all, Parameter density) {
        Settings first = all.getFirst();
        List<Double> densities = new ArrayList<>();
        for (int model = 0; model < first.models().size(); model++) {
            densities.add(first.of(density, model));
            for (Settings other : all) {
                if (other.of(density, model) != densities.get(model)) {
                    throw new IllegalArgumentException(
                            "`semantics: paper` ranks the entries of whole models, so a model"
                                    + " has one density; found " + densities.get(model) + " for " + first.tensor()
                                    + " and "
                                    + other.of(density, model) + " for " + other.tensor());
                }
            }
        }
        return densities;
    }

    /// What stays of a model's tensor.
    static Quota quota(Map<String, List<Quota>> quotas, Settings settings, int model) {
        List<Quota> ofModels = quotas.get(settings.tensor());
        WholeModels.requireKnown(ofModels != null, settings);
        return ofModels.get(model);
    }

    /// For each tensor the part of each model.
    ///
    /// @param densities one per model: `floor(density * elements)` stay, but at least one
    Map<String, List<Quota>> quotas(List<Double> densities) {
        long total = models.each((inputs, _, _) -> inputs.elements()).stream()
                .mapToLong(elements -> elements)
                .sum();
        List<Search> searches = densities.stream()
                .map(density -> new Search(Math.min(total, Math.max(1, (long) (density * total)))))
                .toList();
        int known = 0;
        List<Counts> tensors = List.of();
        for (int bits : DIGITS) {
            tensors = count(searches, known, bits);
            for (int model = 0; model < searches.size(); model++) {
                searches.get(model).narrow(sum(tensors, model, 1 << bits), bits);
            }
            known += bits;
        }
        return shared(tensors, searches);
    }

    private record Counts(String tensor, long[][] byModel) {}

    /// For each tensor and model, how many entries begin with the known bits and go on with each value of the next.
    private List<Counts> count(List<Search> searches, int known, int bits) {
        int shift = Integer.SIZE - 1 - known - bits;
        return models.each((inputs, settings, crew) -> {
            long[][] counts = new long[searches.size()][];
            for (int model = 0; model < counts.length; model++) {
                int low = known == 0 ? 0 : searches.get(model).known << shift + bits;
                counts[model] = count(vectors.of(inputs, model), crew, low, shift, bits);
            }
            return new Counts(settings.tensor(), counts);
        });
    }

    private static long[] count(TaskVector vector, Crew crew, int low, int shift, int bits) {
        int high = low + (int) ((1L << shift + bits) - 1);
        long[] counts = new long[1 << bits];
        crew.mapChunks(vector.elements(), (from, to) -> {
                    int[] bins = new int[1 << bits];
                    int[] magnitudes = new int[Tile.SIZE];
                    vector.eachTile(from, to, (values, _, count) -> {
                        Magnitudes.copy(values, count, magnitudes, 0);
                        Magnitudes.histogram(magnitudes, count, low, high, shift, bins);
                    });
                    return bins;
                })
                .forEach(bins -> {
                    for (int i = 0; i < bins.length; i++) {
                        counts[i] += bins[i];
                    }
                });
        return counts;
    }

    private static long[] sum(List<Counts> tensors, int model, int bins) {
        long[] sum = new long[bins];
        for (Counts tensor : tensors) {
            for (int i = 0; i < bins; i++) {
                sum[i] += tensor.byModel()[model][i];
            }
        }
        return sum;
    }

    /// Hands out the ties that stay, tensor by tensor.
    private static Map<String, List<Quota>> shared(List<Counts> tensors, List<Search> searches) {
        long[] left = searches.stream().mapToLong(search -> search.rank).toArray();
        int mask = (1 << DIGITS[DIGITS.length - 1]) - 1;
        Map<String, List<Quota>> quotas = new TreeMap<>();
        for (Counts tensor : tensors) {
            List<Quota> ofModels = new ArrayList<>();
            for (int model = 0; model < left.length; model++) {
                int threshold = searches.get(model).known;
                long ties = tensor.byModel()[model][threshold & mask];
                long kept = Math.min(ties, left[model]);
                left[model] -= kept;
                ofModels.add(new Quota(threshold, ties, kept));
            }
            quotas.put(tensor.tensor(), ofModels);
        }
        return quotas;
    }
}
