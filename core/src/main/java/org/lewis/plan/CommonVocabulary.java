package org.lewis.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.SideFiles;
import org.lewis.document.DocumentException;
import org.lewis.recipe.MissingTensors;
import org.lewis.recipe.Recipe;
import org.lewis.recipe.TokenizerChoice;
import org.lewis.vocabulary.Alignment;
import org.lewis.vocabulary.ChatTemplates;
import org.lewis.vocabulary.RowOrigins;
import org.lewis.vocabulary.Union;
import org.lewis.vocabulary.Vocabulary;
import org.lewis.vocabulary.VocabularyFiles;

/// The models of a recipe, brought to the vocabulary that it asks for.
///
/// @param models the same models; their tables of tokens have the rows of the new vocabulary
/// @param tokens of the result
record CommonVocabulary(List<Ingredient> models, Donor.Tokens tokens) {

    /// @param notes where to say what the user should know
    /// @throws DocumentException   when the recipe names models or tokens that are not there
    /// @throws CheckpointException when a model's tokenizer is missing or damaged
    static CommonVocabulary of(Recipe recipe, Sources sources, List<Ingredient> models, List<String> notes)
            throws IOException {
        CommonVocabulary common = recipe.tokenizer().isEmpty()
                ? new CommonVocabulary(
                        List.copyOf(models), models.getFirst().donor().tokens())
                : new Builder(recipe, recipe.tokenizer().get(), sources, models, notes).build();
        return recipe.chatTemplate().isEmpty() ? common : common.with(template(recipe, sources, models, notes));
    }

    private CommonVocabulary with(Optional<String> template) {
        return new CommonVocabulary(
                models,
                new Donor.Tokens(tokens.model(), tokens.changed(), tokens.rows(), template.or(tokens::template)));
    }

    private static Optional<String> template(
            Recipe recipe, Sources sources, List<Ingredient> models, List<String> notes) throws IOException {
        Optional<String> given = recipe.chatTemplate().orElseThrow().text();
        if (given.isPresent()) {
            return given;
        }
        List<String> templates = new ArrayList<>();
        for (Ingredient model : models) {
            Donor.Tokens tokens = model.donor().tokens();
            Optional<String> own = tokens.template();
            if (own.isEmpty()) {
                own = read(() ->
                        ChatTemplates.of(sources.checkpoint(tokens.model()).folder()));
            }
            own.ifPresent(templates::add);
        }
        if (templates.isEmpty()) {
            notes.add("`chat_template: auto` has no effect: no model has a chat template");
        }
        return ChatTemplates.mostCommon(templates);
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    /// A damaged file of a model is the model's fault, not the recipe's.
    private static <T> T read(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
    }

    /// One recipe at work.
    private static final class Builder {

        private final Recipe recipe;
        private final TokenizerChoice choice;
        private final Sources sources;
        private final List<Ingredient> models;
        private final List<String> notes;
        /// The model that the ids come from; it need not be merged.
        private final Ingredient giver;
        /// Of each model's tables.
        private final List<Integer> rows = new ArrayList<>();

        Builder(Recipe recipe, TokenizerChoice choice, Sources sources, List<Ingredient> models, List<String> notes) {
            this.recipe = recipe;
            this.choice = choice;
            this.sources = sources;
            this.models = models;
            this.notes = notes;
            this.giver = choice.model()
                    .map(reference -> models.stream()
                            .filter(model -> model.reference().equals(reference))
                            .findFirst()
                            .orElseGet(() -> Ingredient.opened(sources, sources.indexOf(reference))))
                    .orElse(models.getFirst());
        }

        CommonVocabulary build() throws IOException {
            for (Ingredient model : models) {
                rows.add(TokenTables.rows(model));
            }
            if (changesNothing()) {
                return new CommonVocabulary(List.copyOf(models), tokensOf(giver));
            }
            List<Vocabulary> vocabularies = vocabularies();
            Vocabulary own =
                    models.contains(giver) ? vocabularies.get(models.indexOf(giver)) : vocabulary(giver, vocabularies);
            Vocabulary common = withNewTokens(
                    choice.source() instanceof TokenizerChoice.Source.Union ? union(vocabularies) : own, vocabularies);
            int least = Math.max(common.size(), TokenTables.rows(giver));
            int size = Math.ceilDiv(least, choice.multiple()) * choice.multiple();
            List<Alignment.Member> members = new ArrayList<>();
            for (int i = 0; i < models.size(); i++) {
                members.add(new Alignment.Member(vocabularies.get(i).ids(), rows.get(i)));
            }
            noteTokensWithoutRows(members);
            noteTokensOfNobody(common, members);
            List<RowOrigins> origins = Alignment.of(
                    common.ids(),
                    size,
                    members,
                    recipe.base().map(_ -> 0),
                    Optional.of(models.indexOf(giver)).filter(index -> index >= 0),
                    AssignedRows.of(choice, models, members));
            boolean kept = recipe.missingTensors() == MissingTensors.KEEP;
            return new CommonVocabulary(TokenTables.aligned(models, rows, origins, kept), tokens(own, common, size));
        }

        private static Donor.Tokens tokensOf(Ingredient model) {
            return model.donor().tokens();
        }

        private Donor.Tokens tokens(Vocabulary own, Vocabulary common, int size) {
            Donor.Tokens before = tokensOf(giver);
            if (common.equals(own)) {
                return new Donor.Tokens(before.model(), before.changed(), Optional.of(size), before.template());
            }
            List<String> leftOut = VocabularyFiles.leftOut(folder(before));
            if (!leftOut.isEmpty()) {
                notes.add(String.join(", ", leftOut) + ": left out, since only tokenizer.json has the new vocabulary");
            }
            return new Donor.Tokens(before.model(), Optional.of(common), Optional.of(size), before.template());
        }

        private Path folder(Donor.Tokens tokens) {
            return sources.checkpoint(tokens.model()).folder();
        }

        /// The models have one tokenizer and tables of one size, and the recipe sets no rows.
        private boolean changesNothing() throws IOException {
            boolean same = choice.tokens().isEmpty()
                    && rows.getFirst() % choice.multiple() == 0
                    && new HashSet<>(rows).equals(Set.of(TokenTables.rows(giver)))
                    && (hasTokenizer(giver) || models.stream().noneMatch(this::hasTokenizer));
            for (int i = 0; same && i < models.size(); i++) {
                same = haveSameTokenizer(giver, models.get(i));
            }
            return same;
        }

        private boolean haveSameTokenizer(Ingredient first, Ingredient second) throws IOException {
            Donor.Tokens one = tokensOf(first);
            Donor.Tokens other = tokensOf(second);
            return one.changed().equals(other.changed())
                    && (one.changed().isPresent() || SideFiles.sameTokenizer(folder(one), folder(other)));
        }

        private List<Vocabulary> vocabularies() throws IOException {
            List<Vocabulary> vocabularies = new ArrayList<>();
            for (Ingredient model : models) {
                vocabularies.add(vocabulary(model, vocabularies));
            }
            return vocabularies;
        }

        /// Equal files are read once.
        ///
        /// @param before those of the first models
        private Vocabulary vocabulary(Ingredient model, List<Vocabulary> before) throws IOException {
            Optional<Vocabulary> changed = tokensOf(model).changed();
            if (changed.isPresent()) {
                return changed.get();
            }
            Path file = folder(tokensOf(model)).resolve(VocabularyFiles.TOKENIZER);
            if (!Files.isRegularFile(file)) {
                refuseUnlessLikeFirst(model);
                notes.add(model.reference() + ": has no tokenizer, and is taken to have that of "
                        + models.getFirst().reference());
                return before.getFirst();
            }
            for (int i = 0; i < before.size(); i++) {
                if (hasTokenizer(models.get(i)) && haveSameTokenizer(models.get(i), model)) {
                    return before.get(i);
                }
            }
            return read(() -> Vocabulary.read(file));
        }

        /// A model without any tokenizer may have as many rows as the first, whose tokens are then its own.
        private void refuseUnlessLikeFirst(Ingredient model) throws CheckpointException {
            Ingredient first = models.getFirst();
            if (model == first
                    || model == giver
                    || hasTokenizer(model)
                    || TokenTables.rows(model) != TokenTables.rows(first)) {
                throw new CheckpointException(model.reference() + ": has no tokenizer.json, which " + choice.place()
                        + " needs; copy that of its base there, or save its own anew");
            }
        }

        private boolean hasTokenizer(Ingredient model) {
            return VocabularyFiles.hasTokenizer(folder(tokensOf(model)));
        }

        /// The recipe may set rows of tokens that the vocabulary does not have yet.
        private Vocabulary withNewTokens(Vocabulary vocabulary, List<Vocabulary> all) {
            Set<String> unknown = new LinkedHashSet<>(choice.tokens().keySet());
            all.forEach(one -> unknown.removeAll(one.ids().keySet()));
            unknown.forEach(token -> notes.add(
                    choice.tokens().get(token).place() + ": no model knows the token \"" + token + "\", which is new"));
            return Union.withTokens(vocabulary, choice.tokens().keySet(), all);
        }

        private Vocabulary union(List<Vocabulary> vocabularies) {
            Map<String, Vocabulary> named = new LinkedHashMap<>();
            for (int i = 0; i < models.size(); i++) {
                named.put(models.get(i).reference().toString(), vocabularies.get(i));
            }
            try {
                return Union.of(named, notes);
            } catch (DocumentException e) {
                throw new DocumentException(choice.place(), e.getMessage());
            }
        }

        private void noteTokensWithoutRows(List<Alignment.Member> members) {
            for (int i = 0; i < members.size(); i++) {
                Alignment.Member member = members.get(i);
                List<String> without = member.ids().keySet().stream()
                        .filter(token -> member.row(token).isEmpty())
                        .toList();
                if (!without.isEmpty()) {
                    notes.add(models.get(i).reference() + ": its tables of " + member.rows() + " rows have none for "
                            + without.size() + " of its tokens, such as \"" + without.getFirst() + "\"");
                }
            }
        }

        private void noteTokensOfNobody(Vocabulary common, List<Alignment.Member> members) {
            List<String> unknown = common.ids().keySet().stream()
                    .filter(token -> !choice.tokens().containsKey(token))
                    .filter(token -> members.stream()
                            .allMatch(member -> member.row(token).isEmpty()))
                    .toList();
            if (!unknown.isEmpty()) {
                notes.add(choice.place() + ": no model has rows for " + unknown.size() + " of the tokens, such as \""
                        + unknown.getFirst() + "\"; they are zeros");
            }
        }
    }
}
