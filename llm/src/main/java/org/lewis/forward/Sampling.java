package org.lewis.forward;

import java.util.List;

/// Which of the possible tokens comes next.
public sealed interface Sampling {

    /// The likeliest.
    Sampling GREEDY = new Greedy();

    record Greedy() implements Sampling {}

    /// One drawn by its probability, among the likeliest whose probabilities together reach `topP`. Token `t` of a text
    /// is decided by draw `t` of the text's key, whatever runs beside it.
    ///
    /// @param temperature divides the logits, greater than 0
    /// @param topP        in (0, 1]
    /// @param keys        of [org.lewis.kernel.Draws], one for each prompt
    /// @see <a href="https://arxiv.org/abs/1904.09751">Holtzman et al. 2020, section 3.1</a>
    record Nucleus(double temperature, double topP, List<Long> keys) implements Sampling {

        public Nucleus {
            if (!(temperature > 0 && temperature <= 100)) {
                throw new IllegalArgumentException("temperature must be in (0, 100], found " + temperature);
            }
            if (!(topP > 0 && topP <= 1)) {
                throw new IllegalArgumentException("topP must be in (0, 1], found " + topP);
            }
            keys = List.copyOf(keys);
        }
    }
}
