package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Byte-pair encoding of single words, to learn which tokens a list of merges can make.
///
/// @see <a href="https://arxiv.org/abs/1508.07909">Sennrich et al. 2016, algorithm 1</a>
final class BytePairs {

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
