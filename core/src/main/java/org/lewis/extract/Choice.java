package org.lewis.extract;

import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// What an adapter shall hold.
///
/// @param rank    at most, from 1 on
/// @param energy  in (0, 1]: the smallest rank whose singular values make this share of the sum of all their squares;
///                empty for `rank` everywhere
/// @param include modules whose names hold a match of one of these; all when there is none
/// @param exclude modules whose names hold a match of one of these stay as they are in the base
/// @param seed    of the random vectors that large matrices are searched with
public record Choice(int rank, OptionalDouble energy, List<Pattern> include, List<Pattern> exclude, long seed) {

    public Choice {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        if (rank < 1) {
            throw new IllegalArgumentException("the rank must be at least 1, found " + rank);
        }
        if (energy.isPresent() && !(energy.getAsDouble() > 0 && energy.getAsDouble() <= 1)) {
            throw new IllegalArgumentException("the energy must be in (0, 1], found " + energy.getAsDouble());
        }
    }

    boolean takes(String module) {
        return (include.isEmpty()
                        || include.stream()
                                .anyMatch(pattern -> pattern.matcher(module).find()))
                && exclude.stream().noneMatch(pattern -> pattern.matcher(module).find());
    }

    /// The rank that a matrix gets.
    int rankOf(Svd svd) {
        int most = Math.min(rank, svd.values().length);
        if (energy.isPresent()) {
            for (int k = 1; k < most; k++) {
                if (svd.energy(k) >= energy.getAsDouble()) {
                    return k;
                }
            }
        }
        return most;
    }
}
