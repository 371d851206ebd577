package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lewis.document.DocumentException;

/// One vocabulary of several: the first keeps every id and every rule, the tokens that only others know come after.
///
/// Tokens of a BPE vocabulary stay tokens of BPE: the merges that make them are appended, less urgent than all of the
/// vocabularies before, so that text without new tokens is cut as it was. Pieces of a Unigram vocabulary keep their
/// scores. How text is normalised and split into words is the first vocabulary's business.
public final class Union {

    private final Vocabulary first;
    private final List<String> notes;
    private final Map<String, Integer> ids;
    private final Map<String, Integer> pieces;
    private final List<Double> scores;
    private final List<Vocabulary.Merge> merges;
    private final Map<String, AddedToken> added = new LinkedHashMap<>();
    private int size;

    private Union(Vocabulary first, List<String> notes) {
        this.first = first;
        this.notes = notes;
        this.ids = new LinkedHashMap<>(first.ids());
        this.pieces = new LinkedHashMap<>(first.pieces());
        this.scores = new ArrayList<>(first.scores());
        this.merges = new ArrayList<>(first.merges());
        this.size = first.size();
        first.added().forEach(token -> added.put(token.content(), token));
    }

    /// @param named the vocabularies by the names of their models, the first first
    /// @param notes where to say what the user should know
    /// @throws DocumentException when they cut text in ways that have nothing in common
    public static Vocabulary of(Map<String, Vocabulary> named, List<String> notes) {
        Map.Entry<String, Vocabulary> first = named.entrySet().iterator().next();
        Union union = new Union(first.getValue(), notes);
        named.forEach((name, vocabulary) -> {
            if (vocabulary != first.getValue()) {
                refuseDifferentKinds(first.getKey(), first.getValue(), name, vocabulary);
                union.add(name, vocabulary);
            }
        });
        return union.whole();
    }

    /// A vocabulary with added tokens for those that it lacks.
    ///
    /// @param others where a token may be defined already, as one that steers the model or else
    public static Vocabulary withTokens(Vocabulary vocabulary, Set<String> tokens, List<Vocabulary> others) {
        Union union = new Union(vocabulary, new ArrayList<>());
        for (String token : tokens) {
            if (!union.ids.containsKey(token)) {
                AddedToken definition = others.stream()
                        .flatMap(other -> other.added().stream())
                        .filter(added -> added.content().equals(token))
                        .findFirst()
                        .orElseGet(() -> AddedToken.plain(token));
                union.added.put(token, definition.at(union.size));
                union.ids.put(token, union.size++);
            }
        }
        return union.size == vocabulary.size() ? vocabulary : union.whole();
    }

    private static void refuseDifferentKinds(String first, Vocabulary one, String second, Vocabulary other) {
        if (!one.description().equals(other.description())
                || !Joining.of(one.model()).equals(Joining.of(other.model()))) {
            throw new DocumentException("the tokenizers of " + first + " and " + second + " have no union: one is "
                    + one.description() + ", the other " + other.description()
                    + "; take one of them, `tokenizer_source: base` or a model");
        }
    }

    private void add(String name, Vocabulary other) {
        Map<String, AddedToken> theirs = new LinkedHashMap<>();
        other.added().forEach(token -> theirs.put(token.content(), token));
        Set<String> newPieces = new LinkedHashSet<>();
        other.ids().forEach((token, id) -> {
            AddedToken definition = theirs.get(token);
            if (!ids.containsKey(token)) {
                ids.put(token, size);
                if (definition == null) {
                    pieces.put(token, size);
                    newPieces.add(token);
                    addScore(other, id);
                } else {
                    added.put(token, definition.at(size));
                }
                size++;
            } else if (definition != null && definition.isSpecial() && !added.containsKey(token)) {
                added.put(token, definition.at(ids.get(token)));
            }
        });
        if (first.kind() == Vocabulary.Kind.BPE && !newPieces.isEmpty()) {
            addMerges(name, other, newPieces);
        }
        noteDifferentRules(name, other, newPieces);
    }

    private void addScore(Vocabulary other, int id) {
        if (first.kind() == Vocabulary.Kind.UNIGRAM) {
            scores.add(other.scores().get(id));
        }
    }

    /// Appends what makes the new pieces. A piece whose parts the merges before join otherwise than the other
    /// vocabulary does gets merges of its own, if known pieces lead from there to it.
    private void addMerges(String name, Vocabulary other, Set<String> newPieces) {
        Joining joining = Joining.of(first.model());
        BytePairs pairs = new BytePairs(joining, merges);
        Set<String> made = new LinkedHashSet<>();
        for (Vocabulary.Merge merge : other.merges()) {
            String result = joining.join(merge);
            if (newPieces.contains(result) && pieces.containsKey(merge.left()) && pieces.containsKey(merge.right())) {
                made.add(result);
                append(pairs, merge);
            }
        }
        int unreachable = 0;
        for (String piece : made) {
            pairs.bridging(pairs.cut(piece), pieces.keySet())
                    .ifPresent(bridge -> bridge.forEach(merge -> append(pairs, merge)));
            if (pairs.cut(piece).size() > 1) {
                unreachable++;
            }
        }
        if (unreachable > 0) {
            notes.add("of the tokens of " + name + " " + unreachable + " have rows but cannot come out of a text: the"
                    + " merges before theirs join their parts in other ways");
        }
    }

    private void append(BytePairs pairs, Vocabulary.Merge merge) {
        if (pairs.add(merge)) {
            merges.add(merge);
        }
    }

    private void noteDifferentRules(String name, Vocabulary other, Set<String> newPieces) {
        for (String rule : List.of("normalizer", "pre_tokenizer")) {
            Object mine = first.root().get(rule);
            Object theirs = other.root().get(rule);
            if (!newPieces.isEmpty() && !java.util.Objects.equals(mine, theirs)) {
                notes.add("the tokenizer of " + name + " has another " + rule
                        + " than the union, so that some of its tokens may not come out of a text");
            }
        }
    }

    private Vocabulary whole() {
        List<AddedToken> tokens = new ArrayList<>(added.values());
        List<Integer> numbers = AddedToken.numbered(
                pieces, tokens.stream().map(AddedToken::content).toList());
        boolean asNumbered = tokens.stream().map(AddedToken::id).toList().equals(numbers);
        return new Vocabulary(
                first.kind(),
                first.root(),
                first.model(),
                Collections.unmodifiableMap(asNumbered ? pieces : anchored()),
                List.copyOf(asNumbered ? scores : anchoredScores()),
                List.copyOf(merges),
                List.copyOf(tokens));
    }

    /// The pieces with all added tokens among them: that fixes their ids where the library would number them otherwise.
    private Map<String, Integer> anchored() {
        List<Map.Entry<String, Integer>> all = new ArrayList<>(ids.entrySet());
        all.sort(Map.Entry.comparingByValue());
        Map<String, Integer> anchored = new LinkedHashMap<>();
        all.forEach(token -> anchored.put(token.getKey(), token.getValue()));
        return anchored;
    }

    /// Added tokens are never looked up by score; 0 is what the files of the field give them.
    private List<Double> anchoredScores() {
        if (first.kind() != Vocabulary.Kind.UNIGRAM) {
            return List.of();
        }
        List<Double> anchored = new ArrayList<>();
        int next = 0;
        for (String token : anchored().keySet()) {
            anchored.add(pieces.containsKey(token) ? scores.get(next++) : Double.valueOf(0));
        }
        return anchored;
    }
}
