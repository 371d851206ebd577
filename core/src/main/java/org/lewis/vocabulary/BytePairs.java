package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Byte-pair encoding of single words, to learn which tokens a list of merges can make.
///
/// @see <a href="https://arxiv.org/abs/1508.07909">Sennrich et al. 2016, algorithm 1</a>
final class BytePairs {

    /// Words in more parts are not bridged; there could be too many ways to try.
    private static final int MOST_PARTS = 12;

    private final Joining joining;
    private final Map<Vocabulary.Merge, Integer> ranks = new HashMap<>();

    BytePairs(Joining joining, List<Vocabulary.Merge> merges) {
        this.joining = joining;
        merges.forEach(this::add);
    }

    /// Appends a merge, less urgent than all before.
    ///
    /// @return whether it is new
    boolean add(Vocabulary.Merge merge) {
        return ranks.putIfAbsent(merge, ranks.size()) == null;
    }

    /// The tokens of a word.
    List<String> cut(String word) {
        List<String> tokens = new ArrayList<>(joining.symbols(word));
        for (int at = mostUrgent(tokens); at >= 0; at = mostUrgent(tokens)) {
            tokens.set(at, joining.join(new Vocabulary.Merge(tokens.get(at), tokens.remove(at + 1))));
        }
        return tokens;
    }

    /// Merges that make one token of several, by way of known tokens only; empty when none are found.
    ///
    /// @param parts side by side, at least one
    Optional<List<Vocabulary.Merge>> bridging(List<String> parts, Set<String> known) {
        if (parts.size() == 1) {
            return Optional.of(List.of());
        }
        for (int split = parts.size() <= MOST_PARTS ? parts.size() - 1 : 0; split > 0; split--) {
            List<String> head = parts.subList(0, split);
            List<String> tail = parts.subList(split, parts.size());
            Vocabulary.Merge last = new Vocabulary.Merge(joined(head), joined(tail));
            if (known.contains(last.left()) && known.contains(last.right())) {
                Optional<List<Vocabulary.Merge>> before = bridging(head, known)
                        .flatMap(ofHead -> bridging(tail, known)
                                .map(ofTail -> Stream.concat(ofHead.stream(), ofTail.stream())
                                        .toList()));
                if (before.isPresent()) {
                    return before.map(merges ->
                            Stream.concat(merges.stream(), Stream.of(last)).toList());
                }
            }
        }
        return Optional.empty();
    }

    private String joined(List<String> parts) {
        return parts.stream()
                .reduce((left, right) -> joining.join(new Vocabulary.Merge(left, right)))
                .orElseThrow();
    }

    /// Where the first of the most urgent merges stands; -1 when nothing can be joined.
    private int mostUrgent(List<String> tokens) {
        int best = -1;
        int bestRank = Integer.MAX_VALUE;
        for (int i = 0; i + 1 < tokens.size(); i++) {
            int rank = ranks.getOrDefault(new Vocabulary.Merge(tokens.get(i), tokens.get(i + 1)), Integer.MAX_VALUE);
            if (rank < bestRank) {
                best = i;
                bestRank = rank;
            }
        }
        return best;
    }
}
