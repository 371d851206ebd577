package org.lewis.compare;

import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import org.lewis.engine.MergedModel;
import org.lewis.forward.LanguageModel;
import org.lewis.model.Decoder;
import org.lewis.plan.TensorJob;

/// How much of the fine-tunes' task vectors a merge keeps: the mean density of the linear layers of all blocks, each
/// weight counted once.
final class KeptShare {

    private KeptShare() {}

    static double of(MergedModel merged) throws IOException {
        Set<String> linears = LanguageModel.describe(merged).blocks().stream()
                .flatMap(block -> block.linears().stream())
                .map(Decoder.Linear::weight)
                .collect(Collectors.toSet());
        double kept = 0;
        double all = 0;
        for (TensorJob job : merged.plan().jobs()) {
            if (job instanceof TensorJob.Merged tensor
                    && linears.contains(tensor.slot().name())) {
                double elements = tensor.slot().shape().elements();
                double density = tensor.settings().models().stream()
                        .mapToDouble(settings -> settings.getOrDefault("density", 1.0))
                        .average()
                        .orElse(1);
                kept += density * elements;
                all += elements;
            }
        }
        return kept / all;
    }
}
