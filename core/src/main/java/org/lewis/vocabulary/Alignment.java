package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where the rows of every model's tables come from in a new vocabulary.
///
/// A model that knows a token brings its own row. What it does not know is filled in: from the one model that knows
/// the token; else from the base, if it does; else with the mean of all that do. Rows without a token (paddings and
/// gaps) are the model's own where it has them, else those of the model that the ids
/// come from. A recipe may set the rows of single tokens otherwise.
public final class Alignment {

    /// A row set by the recipe.
    ///
    /// @param origin empty for zeros
    /// @param force  also for models that know the token
    public record Assigned(Optional<Origin> origin, boolean force) {}

    /// A model's tokens.
    ///
    /// @param ids  of every token
    /// @param rows of its tables; tokens beyond have none
    public record Member(Map<String, Integer> ids, int rows) {

        /// Where the token's row is in the model's tables, if it has one.
        public Optional<Integer> row(String token) {
            return Optional.ofNullable(ids.get(token)).filter(id -> id < rows);
        }
    }

    private final List<Member> members;
    private final Optional<Integer> base;
    private final Optional<Integer> giver;
    private final List<RowOrigins> origins = new ArrayList<>();
    private final List<boolean[]> hasToken = new ArrayList<>();

    private Alignment(List<Member> members, Optional<Integer> base, Optional<Integer> giver, int size) {
        this.members = members;
        this.base = base;
        this.giver = giver;
        for (Member member : members) {
            origins.add(new RowOrigins(size));
            boolean[] taken = new boolean[member.rows()];
            member.ids().values().stream().filter(id -> id < member.rows()).forEach(id -> taken[id] = true);
            hasToken.add(taken);
        }
    }

    /// @param size     rows of the new tables
    /// @param base     the model whose rows others lack, if there is one
    /// @param giver    the model that ids come from, and rows without tokens; empty when it is none of these
    /// @param assigned by token
    public static List<RowOrigins> of(
            Map<String, Integer> ids,
            int size,
            List<Member> members,
            Optional<Integer> base,
            Optional<Integer> giver,
            Map<String, Assigned> assigned) {
        Alignment alignment = new Alignment(members, base, giver, size);
        boolean[] named = new boolean[size];
        ids.forEach((token, id) -> {
            named[id] = true;
            alignment.align(token, id, Optional.ofNullable(assigned.get(token)));
        });
        for (int id = 0; id < size; id++) {
            if (!named[id]) {
                alignment.fill(id);
            }
        }
        return alignment.origins;
    }

    private void align(String token, int id, Optional<Assigned> assigned) {
        List<Origin> owners = new ArrayList<>();
        for (int model = 0; model < members.size(); model++) {
            int number = model;
            members.get(model).row(token).ifPresent(row -> owners.add(new Origin(number, row)));
        }
        List<Origin> others = assigned.map(set -> set.origin().stream().toList())
                .orElseGet(() -> base.flatMap(model -> owned(owners, model))
                        .filter(_ -> owners.size() > 1)
                        .map(List::of)
                        .orElse(owners));
        boolean force = assigned.map(Assigned::force).orElse(false);
        for (int model = 0; model < members.size(); model++) {
            Optional<Origin> own = owned(owners, model).filter(_ -> !force);
            origins.get(model).set(id, own.map(List::of).orElse(others));
        }
    }

    private static Optional<Origin> owned(List<Origin> owners, int model) {
        return owners.stream().filter(owner -> owner.model() == model).findFirst();
    }

    private void fill(int id) {
        for (int model = 0; model < members.size(); model++) {
            Optional<Integer> owner = Optional.of(model).filter(own -> hasPadding(own, id));
            RowOrigins rows = origins.get(model);
            owner.or(() -> giver.filter(other -> hasPadding(other, id)))
                    .ifPresent(padding -> rows.set(id, List.of(new Origin(padding, id))));
        }
    }

    private boolean hasPadding(int model, int id) {
        return id < members.get(model).rows() && !hasToken.get(model)[id];
    }
}
