package org.lewis.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.lewis.plan.Plan;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Guided;
import org.lewis.recipe.Recipe;

/// How much of the fine-tunes' task vectors a merge keeps in the linear layers of all blocks, each weight counted once:
/// what densities keep, or what error-corrected pruning has left.
public final class KeptShare {

    private KeptShare() {}

    /// The mean over the fine-tunes.
    ///
    /// @param recipe whose guidance is done
    static double of(MergedModel merged, Recipe recipe) throws IOException {
        Set<String> linears = LanguageModel.describe(merged).blocks().stream()
                .flatMap(block -> block.linears().stream())
                .map(Decoder.Linear::weight)
                .collect(Collectors.toSet());
        return ofEach(merged.plan(), linears, recipe).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    /// @param plan    of the recipe
    /// @param linears names of the linear layers' weights
    /// @param recipe  whose guidance is done
    /// @return the share of each merged model, in the order of the recipe
    public static List<Double> ofEach(Plan plan, Set<String> linears, Recipe recipe) throws IOException {
        List<TensorJob.Merged> jobs = plan.jobs().stream()
                .filter(job -> linears.contains(job.slot().name()))
                .filter(TensorJob.Merged.class::isInstance)
                .map(TensorJob.Merged.class::cast)
                .toList();
        double all = jobs.stream().mapToDouble(KeptShare::elements).sum();
        List<Double> shares = new ArrayList<>();
        for (int i = 0; i < recipe.merged().size(); i++) {
            Path overlay = recipe.guided().overlays().get(recipe.merged().get(i).model());
            Map<String, Double> pruned = overlay == null ? Map.of() : ofTaskVectors(overlay);
            double kept = 0;
            for (TensorJob.Merged job : jobs) {
                double density = job.settings().models().get(i).getOrDefault("density", 1.0);
                kept += elements(job) * pruned.getOrDefault(job.slot().name(), density);
            }
            shares.add(kept / all);
        }
        return shares;
    }

    private static double elements(TensorJob job) {
        return job.slot().shape().elements();
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
