package org.lewis.recipe;

import java.util.List;
import java.util.Optional;
import org.lewis.document.Node;

/// RegMean: linear layers whose outputs are nearest to those of all models at once.
///
/// @param alpha      factor on the off-diagonals of Gram matrices
/// @param sequential whether each layer's inputs come from the merged layers before it (RegMean++), or from the models
/// @see <a href="https://arxiv.org/abs/2212.09849">Jin et al. 2022, RegMean</a>
/// @see <a href="https://arxiv.org/abs/2508.03121">RegMean++</a>
public record Regression(double alpha, boolean sequential) {

    static final List<String> KEYS = List.of("alpha", "sequential");

    static Regression parse(Node node) {
        Optional<Node> found = node.find("alpha");
        double alpha = found.map(Node::number).orElse(0.9);
        if (!(alpha >= 0 && alpha <= 1)) {
            throw found.orElse(node).expected("a number in [0, 1]");
        }
        return new Regression(alpha, node.find("sequential").map(Node::flag).orElse(true));
    }
}
