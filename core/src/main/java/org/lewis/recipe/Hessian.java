package org.lewis.recipe;

import java.util.List;
import java.util.Optional;
import org.lewis.document.Node;

/// Where Hessians come from.
///
/// @param sequential whether the model is merged from the front on, each linear layer seeing inputs of the merge
/// @param damping    what is added to the diagonal, as a share of its mean
public record Hessian(boolean sequential, From from, double damping) {

    static final List<String> KEYS = List.of("sequential", "hessian_from", "percdamp");

    public enum From {
        MERGED,
        FINETUNED,
        BASE
    }

    static Hessian parse(Node node) {
        Optional<From> asked =
                node.find("hessian_from").map(found -> Choice.parse(found, "hessian_from", From.values()));
        boolean sequential = node.find("sequential").map(Node::flag).orElse(asked.orElse(From.MERGED) == From.MERGED);
        From from = asked.orElse(sequential ? From.MERGED : From.FINETUNED);
        if (sequential && from != From.MERGED) {
            throw node.get("hessian_from")
                    .error("only Hessians of the merged model can be sequential; add `sequential: false`");
        }
        return new Hessian(sequential, from, damping(node));
    }

    private static double damping(Node node) {
        Optional<Node> found = node.find("percdamp");
        double damping = found.map(Node::number).orElse(0.01);
        if (!(damping >= 0 && damping <= 1)) {
            throw found.orElse(node).expected("a number in [0, 1]");
        }
        return damping;
    }
}
