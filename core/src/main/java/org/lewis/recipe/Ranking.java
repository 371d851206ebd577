package org.lewis.recipe;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.lewis.document.Node;
import org.lewis.merge.ColumnScales.Within;

/// How calibration chooses which weights of a task vector stay. LEWIS, a recipe or the block itself says how many.
public sealed interface Ranking {

    /// By magnitude, as the merge method has it.
    record Magnitude() implements Ranking {}

    /// By `|d_ij| * norm(x_j)`.
    ///
    /// @see <a href="https://arxiv.org/abs/2306.11695">Sun et al. 2023</a>
    record Wanda(Within within) implements Ranking {}

    /// By `d_ij^2 / [H^-1]_jj^2`.
    ///
    /// @param correction of what is dropped, by the weights that stay; empty for none
    /// @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh 2023</a>
    record SparseGpt(Within within, Hessian hessian, Optional<Correction> correction) implements Ranking {}

    /// @param blockSize columns whose weights are chosen together
    /// @param pattern   keeps so many of a few neighbours in place of a density
    /// @param rescale   whether what stays is divided by the density; empty for what the merge method does
    record Correction(int blockSize, Optional<Pattern> pattern, Optional<Boolean> rescale) {}

    List<String> WANDA_KEYS = List.of("per");
    List<String> SPARSEGPT_KEYS = List.of("per", "error_correction", "block_size", "pattern", "rescale");

    /// @param name `wanda`, `sparsegpt` or nothing
    static Ranking parse(Node node, String name) {
        return switch (name) {
            case "wanda" -> new Wanda(within(node, Within.OUTPUT));
            case "sparsegpt" -> new SparseGpt(within(node, Within.TENSOR), Hessian.parse(node), correction(node));
            default -> new Magnitude();
        };
    }

    private static Within within(Node node, Within standard) {
        return node.find("per")
                .map(found -> switch (found.text()) {
                    case "row" -> Within.OUTPUT;
                    case "tensor" -> Within.TENSOR;
                    default -> throw found.expected("row or tensor");
                })
                .orElse(standard);
    }

    private static Optional<Correction> correction(Node node) {
        boolean corrected = node.find("error_correction").map(Node::flag).orElse(true);
        if (!corrected) {
            refuse(node, List.of("pattern", "rescale"), "without `error_correction`");
            return Optional.empty();
        }
        refuse(node, List.of("per"), "with `error_correction`, which chooses block by block");
        int blockSize = node.find("block_size").map(n -> n.integer(1, 65_536)).orElse(128);
        Optional<Pattern> pattern = node.find("pattern").map(Pattern::parse);
        if (pattern.isPresent()) {
            refuse(node, List.of("density"), "with `pattern`, which sets it");
        }
        if (pattern.isPresent() && blockSize % pattern.get().of() != 0) {
            throw node.get("pattern")
                    .error("a block_size of " + blockSize + " is no multiple of "
                            + pattern.get().of());
        }
        return Optional.of(
                new Correction(blockSize, pattern, node.find("rescale").map(Node::flag)));
    }

    /// A key that has no effect.
    static void refuse(Node node, List<String> keys, String why) {
        for (String key : keys) {
            node.find(key).ifPresent(found -> {
                throw found.error("`" + key + "` has no effect " + why);
            });
        }
    }

    /// The share that the block itself sets, for all linear layers.
    static OptionalDouble density(Node node) {
        Optional<Node> found = node.find("density");
        if (found.isEmpty()) {
            return OptionalDouble.empty();
        }
        double density = found.get().number();
        if (!(density > 0 && density <= 1)) {
            throw found.get().expected("a number in (0, 1]");
        }
        return OptionalDouble.of(density);
    }
}
