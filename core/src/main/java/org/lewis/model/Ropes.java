package org.lewis.model;

import java.util.List;
import java.util.Optional;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.model.Decoder.Pairing;
import org.lewis.model.Decoder.Position.Rotary;

/// Reads rotary positions in both spellings: everything under `rope_parameters`, or `rope_theta` at the top and
/// `rope_scaling` beside it.
///
/// The defaults are those of `modeling_rope_utils.py` in transformers.
final class Ropes {

    private static final double THETA = 10_000;

    private final Config config;
    private final Config rope;

    private Ropes(Config config, Config rope) {
        this.config = config;
        this.rope = rope;
    }

    /// @param share what part of a head turns when the config does not say
    static Rotary rotary(Config config, int headWidth, double share, Pairing pairing) {
        Optional<Config> own = config.member("rope_parameters").or(() -> config.member("rope_scaling"));
        return rotary(config, own, config.numberOr(THETA, "rope_theta", "rotary_emb_base"), headWidth, share, pairing);
    }

    /// For layers whose positions stand in a mapping of their own, or in none.
    ///
    /// @param theta when that does not say
    static Rotary rotary(
            Config config, Optional<Config> own, double theta, int headWidth, double share, Pairing pairing) {
        Config rope = own.orElse(config);
        double part =
                rope.numberOr(config.numberOr(share, "partial_rotary_factor", "rotary_pct"), "partial_rotary_factor");
        double base = own.map(r -> r.numberOr(theta, "rope_theta")).orElse(theta);
        int width = (int) (headWidth * part);
        if (width < 2 || width > headWidth || width % 2 != 0) {
            throw rope.node().error("rotates " + width + " of a head's " + headWidth + " features");
        }
        Scaling scaling = own.map(r -> new Ropes(config, r).scaling(width)).orElse(new Scaling.None());
        return new Rotary(base, width, scaling, pairing);
    }

    private Scaling scaling(int width) {
        Optional<Node> type = rope.find("rope_type", "type");
        return switch (type.map(Node::text).orElse("default")) {
            case "default" -> new Scaling.None();
            case "linear" -> new Scaling.Linear(rope.number("factor"));
            case "dynamic" -> new Scaling.Dynamic(rope.number("factor"), config.count("max_position_embeddings"));
            case "llama3" ->
                new Scaling.ByWavelength(
                        rope.number("factor"),
                        rope.number("low_freq_factor"),
                        rope.number("high_freq_factor"),
                        trained());
            case "yarn" -> yarn();
            case "longrope", "su" -> perFrequency(width);
            default -> {
                List<String> known = List.of("default", "dynamic", "linear", "llama3", "longrope", "yarn");
                throw type.orElseThrow()
                        .error("unknown rope type " + type.get()
                                + Nearest.suggestion(type.get().text(), known));
            }
        };
    }

    private Scaling yarn() {
        double factor = rope.numberOr((double) config.count("max_position_embeddings") / trained(), "factor");
        double scale = rope.numberOr(0, "mscale");
        double scaleAll = rope.numberOr(0, "mscale_all_dim");
        double amplitude = scale != 0 && scaleAll != 0
                ? amplitude(factor, scale) / amplitude(factor, scaleAll)
                : amplitude(factor, 1);
        return new Scaling.Yarn(
                factor,
                rope.numberOr(32, "beta_fast"),
                rope.numberOr(1, "beta_slow"),
                rope.flag("truncate", true),
                trained(),
                rope.numberOr(amplitude, "attention_factor"));
    }

    private static double amplitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private Scaling perFrequency(int width) {
        int trained = trained();
        double factor = rope.numberOr((double) config.count("max_position_embeddings") / trained, "factor");
        double amplitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
        return new Scaling.PerFrequency(
                divisors("short_factor", width),
                divisors("long_factor", width),
                trained,
                rope.numberOr(amplitude, "attention_factor"));
    }

    private List<Double> divisors(String key, int width) {
        Node list = rope.get(key);
        List<Double> divisors = list.sequence().stream().map(Node::number).toList();
        if (divisors.size() != width / 2) {
            throw list.expected("a list of " + width / 2 + ", half the " + width + " features that turn");
        }
        return divisors;
    }

    private int trained() {
        String key = "original_max_position_embeddings";
        return rope.countOr(config.countOr(config.countOr(1, "max_position_embeddings"), key), key);
    }
}
