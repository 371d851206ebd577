package org.lewis.guidance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.calibrate.LinearStatistics;
import org.lewis.calibrate.Pack;
import org.lewis.merge.ColumnFactors;
import org.lewis.merge.Guides;
import org.lewis.model.Decoder;

/// AIM: what the base model feeds with large activations moves least. The merged task vector's column j is
/// multiplied by `1 - (1 - omega) * a_j / max(a)`, `a_j` the base's mean absolute activation over all text.
///
/// @see <a href="https://arxiv.org/abs/2502.02421">Heyrani Nobari et al. 2025, section 3</a>
final class Relaxation {

    private Relaxation() {}

    /// @param bases  packs of the base on all text
    /// @return factors by the name of each linear layer's weight
    static Map<String, Guides> guides(GuidedModels models, LewisRun run, List<PackSource> bases, double omega)
            throws IOException {
        List<Pack> packs = new ArrayList<>();
        for (PackSource base : bases) {
            packs.add(run.pack(base));
        }
        Map<String, Guides> guides = new HashMap<>();
        for (Decoder.Linear linear : models.linears()) {
            List<LinearStatistics> statistics =
                    packs.stream().map(pack -> pack.of(linear.weight())).toList();
            ColumnFactors factors = new ColumnFactors(
                    factors(sumOfMagnitudes(statistics), omega), linear.layout() == Decoder.Linear.Layout.OUT_IN);
            guides.put(linear.weight(), new Guides(List.of(), Optional.of(factors)));
        }
        return guides;
    }

    private static double[] sumOfMagnitudes(List<LinearStatistics> statistics) {
        double[] sum = new double[statistics.getFirst().inputMagnitudes().length];
        for (LinearStatistics each : statistics) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += each.inputMagnitudes()[i];
            }
        }
        return sum;
    }

    /// @param magnitudes sums or means by feature: only their ratios count
    static float[] factors(double[] magnitudes, double omega) {
        double most = 0;
        for (double magnitude : magnitudes) {
            most = Math.max(most, magnitude);
        }
        float[] factors = new float[magnitudes.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (1 - (1 - omega) * (most == 0 ? 0 : magnitudes[i] / most));
        }
        return factors;
    }
}
