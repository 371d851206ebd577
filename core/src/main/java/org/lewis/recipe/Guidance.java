package org.lewis.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.lewis.document.Node;
import org.lewis.document.Place;
import org.lewis.merge.Method;

/// A recipe's `guidance:` block: how calibration text decides what each layer keeps.
///
/// @param document       the block itself, for messages
/// @param calibration    files of text, by model reference; under [#EVERY_MODEL] for those that have none of their own
/// @param tokenIds       JSON files of token ids that stand in for text and tokenizer, likewise
/// @param templates      how a row of data becomes text, likewise
/// @param samples        at most that many sequences
/// @param maxLength      tokens of a sequence, the rest is cut
/// @param densities      how LEWIS's importance becomes densities; empty when LEWIS is not asked
/// @param density        of all linear layers, where neither LEWIS nor the recipe's parameters are to say it
/// @param ranking        which weights stay
/// @param regression     how linear layers are solved for, when they are
/// @param omega          what the feature that the base needs most keeps of the merged task vector; empty for all
/// @param sparsityRatio  share that each block loses by Wanda after its scores, 0 for none
/// @param applyToWeights whether weights follow the densities
public record Guidance(
        Node document,
        Map<String, String> calibration,
        Map<String, String> tokenIds,
        Map<String, String> templates,
        int samples,
        int maxLength,
        long seed,
        Optional<DensityRule> densities,
        OptionalDouble density,
        Ranking ranking,
        Optional<Regression> regression,
        OptionalDouble omega,
        Metric metric,
        double sparsityRatio,
        boolean applyToWeights) {

    /// Key of what serves every model.
    public static final String EVERY_MODEL = "*";

    private static final List<String> TEXT_KEYS =
            List.of("method", "calibration", "token_ids", "template", "samples", "max_length", "seed");

    private static final List<String> LEWIS_KEYS = Stream.concat(
                    Stream.of("metric", "sparsity_ratio", "apply_to_weights"), DensityRule.KEYS.stream())
            .toList();

    /// How the importance of a linear layer is measured.
    public enum Metric {
        /// Frobenius norm of `|W| * sqrt(sum over tokens of x_j^2 / samples)`.
        WANDA,
        /// Mean over samples of the Frobenius norm of the layer's output.
        OUTPUT_NORM;

        /// The name in recipes.
        public String key() {
            return Choice.key(this);
        }

        /// @throws org.lewis.document.DocumentException for a name that is none
        public static Metric parse(Node node) {
            return Choice.parse(node, "metric", values());
        }
    }

    public Guidance {
        calibration = Map.copyOf(calibration);
        tokenIds = Map.copyOf(tokenIds);
        templates = Map.copyOf(templates);
    }

    /// Where the block stands.
    public Place place() {
        return document.place();
    }

    /// Where a key of the block stands, or the block when it has no such key.
    public Place placeOf(String key) {
        return document.find(key).map(Node::place).orElseGet(this::place);
    }

    /// The file of calibration text for a model.
    public Optional<String> calibrationOf(String model) {
        return Optional.ofNullable(calibration.getOrDefault(model, calibration.get(EVERY_MODEL)));
    }

    /// The file of token ids for a model.
    public Optional<String> tokenIdsOf(String model) {
        return Optional.ofNullable(tokenIds.getOrDefault(model, tokenIds.get(EVERY_MODEL)));
    }

    /// How a model's rows become text, where the block says so.
    public Optional<String> templateOf(String model) {
        return Optional.ofNullable(templates.getOrDefault(model, templates.get(EVERY_MODEL)));
    }

    /// @param notes what has no effect
    static Guidance parse(Node node, Method merge, List<String> notes) {
        GuidanceMethod method = GuidanceMethod.parse(node);
        node.allowing(Stream.of(TEXT_KEYS, LEWIS_KEYS, method.allKeys())
                .flatMap(List::stream)
                .toArray(String[]::new));
        method.check(node, merge);
        method.noteIdle(node, LEWIS_KEYS, notes);
        method.noteOutliers(node, merge, notes);
        Map<String, String> calibration = byModel(node, "calibration");
        Map<String, String> tokenIds = byModel(node, "token_ids");
        if (calibration.isEmpty() == tokenIds.isEmpty()) {
            throw node.error("needs either `calibration: FILE` or `token_ids: FILE`");
        }
        return new Guidance(
                node,
                calibration,
                tokenIds,
                byModel(node, "template"),
                node.find("samples").map(n -> n.integer(1, 1_000_000)).orElse(15),
                node.find("max_length").map(n -> n.integer(1, 1_000_000)).orElse(512),
                node.find("seed").map(Node::integer).orElse(42L),
                method.usesLewis() ? Optional.of(DensityRule.parse(node)) : Optional.empty(),
                Ranking.density(node),
                Ranking.parse(node, method.ranking()),
                method.usesRegression() ? Optional.of(Regression.parse(node)) : Optional.empty(),
                method.relaxes() ? OptionalDouble.of(omega(node)) : OptionalDouble.empty(),
                node.find("metric").map(Metric::parse).orElse(Metric.WANDA),
                sparsityRatio(node),
                node.find("apply_to_weights").map(Node::flag).orElse(false));
    }

    private static double omega(Node node) {
        Optional<Node> found = node.find("omega");
        double omega = found.map(Node::number).orElse(0.4);
        if (!(omega >= 0 && omega <= 1)) {
            throw found.orElse(node).expected("a number in [0, 1]");
        }
        return omega;
    }

    /// A text for all models, or a mapping of texts.
    private static Map<String, String> byModel(Node node, String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        node.find(key).ifPresent(found -> {
            if (found.isMapping()) {
                found.mapping().forEach((model, text) -> texts.put(model, text.text()));
            } else {
                texts.put(EVERY_MODEL, found.text());
            }
        });
        return texts;
    }

    private static double sparsityRatio(Node node) {
        Optional<Node> found = node.find("sparsity_ratio");
        double value = found.map(Node::number).orElse(0.0);
        if (!(value >= 0 && value < 1)) {
            throw found.orElse(node).expected("a number in [0, 1)");
        }
        return value;
    }
}
