package org.lewis.model;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// How one model's tensor names become another's when they differ by a prefix: a model that was saved inside of a
/// wrapper carries `base_model.model.`, one that was saved without its head may lack `model.`.
///
/// @param dropped from the beginning of a name, may be empty
/// @param added   in its place, may be empty
public record NameMatch(String dropped, String added) {

    /// Both models use the same names.
    public static final NameMatch EQUAL = new NameMatch("", "");

    /// The match that makes most of a model's names those of the other.
    ///
    /// @param own    names of a model; those that [Slot#isBuffer] knows do not count
    /// @param wanted the other's
    public static NameMatch between(Collection<String> own, Set<String> wanted) {
        NameMatch best = EQUAL;
        long equal = hits(EQUAL, own, wanted);
        return own.stream()
                .filter(name ->
                        !wanted.contains(name) && TensorNames.layer(name).isPresent() && !Slot.isBuffer(name))
                .findFirst()
                .flatMap(name -> ending(name, wanted))
                .filter(match -> hits(match, own, wanted) > equal)
                .orElse(EQUAL);
    }

    /// The name that a tensor has in the other model.
    ///
    /// @param wanted the other's names; those that it has already stay
    public String of(String name, Set<String> wanted) {
        if (wanted.contains(name) || !name.startsWith(dropped)) {
            return name;
        }
        String renamed = added + name.substring(dropped.length());
        return wanted.contains(renamed) ? renamed : name;
    }

    /// In words, for whoever has to know: `"base_model.model." before the names is left out`.
    public String inWords() {
        if (added.isEmpty()) {
            return "\"" + dropped + "\" before its names is left out";
        }
        return dropped.isEmpty()
                ? "\"" + added + "\" is put before its names"
                : "\"" + dropped + "\" before its names is read as \"" + added + "\"";
    }

    private static long hits(NameMatch match, Collection<String> own, Set<String> wanted) {
        return own.stream()
                .map(name -> match.of(name, wanted))
                .filter(wanted::contains)
                .distinct()
                .count();
    }

    /// From the longest common end, cut at dots and with the layer in it, of the name and any wanted one.
    private static Optional<NameMatch> ending(String name, Set<String> wanted) {
        for (String end = name; TensorNames.layer(end).isPresent(); end = end.substring(end.indexOf('.') + 1)) {
            String shared = end;
            Optional<String> found = wanted.stream()
                    .filter(other -> other.equals(shared) || other.endsWith("." + shared))
                    .findFirst();
            if (found.isPresent()) {
                String other = found.get();
                return Optional.of(new NameMatch(
                        name.substring(0, name.length() - end.length()),
                        other.substring(0, other.length() - end.length())));
            }
        }
        return Optional.empty();
    }
}
