package org.lewis.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.lewis.checkpoint.Safetensors;
import org.lewis.engine.MergedModel;
import org.lewis.forward.LanguageModel;
import org.lewis.measure.ValueStatistics;
import org.lewis.model.Decoder;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Guided;
import org.lewis.recipe.Recipe;

/// How much of the fine-tunes' task vectors a merge keeps: the mean density of the linear layers of all blocks, each
/// weight counted once.
final class KeptShare {

    private KeptShare() {}

    /// @param recipe whose guidance is done
    static double of(MergedModel merged, Recipe recipe) throws IOException {
        Set<String> linears = LanguageModel.describe(merged).blocks().stream()
                .flatMap(block -> block.linears().stream())
                .map(Decoder.Linear::weight)
                .collect(Collectors.toSet());
        List<Recipe.Entry> models = recipe.merged();
        Map<Integer, Map<String, Double>> pruned = new HashMap<>();
        for (int i = 0; i < models.size(); i++) {
            Path overlay = recipe.guided().overlays().get(models.get(i).model());
            pruned.put(i, overlay == null ? Map.of() : ofTaskVectors(overlay));
        }
        double kept = 0;
        double all = 0;
        for (TensorJob job : merged.plan().jobs()) {
            if (job instanceof TensorJob.Merged tensor
                    && linears.contains(tensor.slot().name())) {
                double elements = tensor.slot().shape().elements();
                List<Map<String, Double>> settings = tensor.settings().models();
                for (int i = 0; i < settings.size(); i++) {
                    double density = settings.get(i).getOrDefault("density", 1.0);
                    kept += elements
                            * pruned.getOrDefault(i, Map.of())
                                    .getOrDefault(tensor.slot().name(), density);
                    all += elements;
                }
            }
        }
        return kept / all;
    }

    /// The share of each task vector that pruning has left, by the name of its tensor.
    private static Map<String, Double> ofTaskVectors(Path overlay) throws IOException {
        Map<String, Double> shares = new HashMap<>();
        try (Safetensors file = Safetensors.open(overlay)) {
            file.tensors().forEach((name, tensor) -> {
                if (name.endsWith(Guided.TASK_VECTOR)) {
                    String own = name.substring(0, name.length() - Guided.TASK_VECTOR.length());
                    shares.put(own, 1 - (double) ValueStatistics.of(tensor).zeros() / tensor.elements());
                }
            });
        }
        return shares;
    }
}
