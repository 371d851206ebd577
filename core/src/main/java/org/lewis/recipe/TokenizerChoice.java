package org.lewis.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Node;
import org.lewis.document.Place;

/// The vocabulary that the output shall have, as `tokenizer_source` or `tokenizer` ask for it.
///
/// @param source   where its tokens come from
/// @param tokens   rows that are set for single tokens
/// @param multiple the tables get a number of rows that it divides
/// @param place    of the key in the recipe
public record TokenizerChoice(Source source, Map<String, TokenRow> tokens, int multiple, Place place) {

    /// Older versions of mergekit told a model from `union` and `base` by it.
    private static final String OLD_PREFIX = "^model:";

    /// Where the tokens come from.
    public sealed interface Source {

        /// From all models.
        record Union() implements Source {}

        /// From the base, or the first model where there is none.
        record Base() implements Source {}

        record Model(ModelReference model) implements Source {}
    }

    /// What a token's row shall be.
    ///
    /// @param row   the row of a model; empty for zeros
    /// @param force also for models that know the token
    public record TokenRow(Optional<ModelRow> row, boolean force, Place place) {}

    /// The row of a token in a model's table.
    ///
    /// @param token   of that model, by what it is called
    /// @param tokenId the same by number; empty with `token` for the token that is to be set
    public record ModelRow(ModelReference model, Optional<String> token, Optional<Integer> tokenId) {}

    /// The model whose vocabulary it is, if it is that of one.
    public Optional<ModelReference> model() {
        return source instanceof Source.Model(var reference) ? Optional.of(reference) : Optional.empty();
    }

    /// @param recipe may hold either of the two keys
    static Optional<TokenizerChoice> parse(Node recipe) {
        Optional<Node> older = recipe.find("tokenizer_source");
        Optional<Node> newer = recipe.find("tokenizer");
        if (older.isPresent() && newer.isPresent()) {
            throw newer.get().error("expected either `tokenizer_source` or `tokenizer`, found both");
        }
        return older.map(node -> new TokenizerChoice(source(node), Map.of(), 1, node.place()))
                .or(() -> newer.map(TokenizerChoice::parseMapping));
    }

    private static TokenizerChoice parseMapping(Node node) {
        node.allowing("source", "tokens", "pad_to_multiple_of");
        Map<String, TokenRow> tokens = new LinkedHashMap<>();
        node.find("tokens").ifPresent(found -> found.mapping().forEach((token, row) -> tokens.put(token, row(row))));
        return new TokenizerChoice(
                node.find("source").map(TokenizerChoice::source).orElse(new Source.Union()),
                tokens,
                node.find("pad_to_multiple_of")
                        .map(found -> found.integer(1, 1 << 20))
                        .orElse(1),
                node.place());
    }

    private static Source source(Node node) {
        if (!node.isText()) {
            return new Source.Model(ModelReference.parse(node));
        }
        return switch (node.text()) {
            case "union" -> new Source.Union();
            case "base" -> new Source.Base();
            default -> new Source.Model(ModelReference.parse(node, node.text().replaceFirst(OLD_PREFIX, "")));
        };
    }

    private static TokenRow row(Node node) {
        node.allowing("source", "force");
        Node source = node.get("source");
        boolean force = node.find("force").map(TokenizerChoice::flag).orElse(false);
        if (source.isMapping() && source.find("kind").isPresent()) {
            return new TokenRow(typed(source), force, node.place());
        }
        ModelRow same = new ModelRow(ModelReference.parse(source), Optional.empty(), Optional.empty());
        return new TokenRow(Optional.of(same), force, node.place());
    }

    private static boolean flag(Node node) {
        return Scalars.flag(node).orElseThrow(() -> node.expected("true or false"));
    }

    private static Optional<ModelRow> typed(Node source) {
        return switch (source.get("kind").text()) {
            case "zero" -> {
                source.allowing("kind");
                yield Optional.empty();
            }
            case "model_token" -> {
                source.allowing("kind", "model", "token", "token_id");
                if (source.find("token").isPresent() == source.find("token_id").isPresent()) {
                    throw source.error("expected either `token` or `token_id`");
                }
                yield Optional.of(new ModelRow(
                        ModelReference.parse(source.get("model")),
                        source.find("token").map(Node::text),
                        source.find("token_id").map(id -> id.integer(0, Integer.MAX_VALUE - 1))));
            }
            default -> throw source.get("kind").expected("model_token or zero");
        };
    }
}
