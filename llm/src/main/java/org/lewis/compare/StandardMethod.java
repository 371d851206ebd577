package org.lewis.compare;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The methods that are compared unless others are asked for, each as the recipe that it stands for. All of them take
/// the weighted mean of what is kept of the task vectors.
public enum StandardMethod {
    TASK_ARITHMETIC("task_arithmetic", "task_arithmetic", "", Keeps.ALL),
    TIES("ties", "ties", "", Keeps.DENSITY),
    DARE("dare", "dare_linear", "", Keeps.DENSITY),
    SPARSEGPT("sparsegpt", "task_arithmetic", "sparsegpt", Keeps.GUIDANCE_DENSITY),
    LEWIS_TIES("lewis-ties", "ties", "lewis", Keeps.BOUNDS),
    LEWIS_DARE("lewis-dare", "dare_linear", "lewis", Keeps.BOUNDS),
    WANDA("wanda", "ties", "wanda", Keeps.GUIDANCE_DENSITY),
    LEWIS_SPARSEGPT("lewis-sparsegpt", "task_arithmetic", "lewis+sparsegpt", Keeps.BOUNDS);

    /// Those that are compared when none is named.
    public static final List<StandardMethod> DEFAULTS =
            List.of(TASK_ARITHMETIC, TIES, DARE, SPARSEGPT, LEWIS_TIES, LEWIS_DARE);

    /// What says how much of a task vector stays.
    private enum Keeps {
        ALL,
        DENSITY,
        GUIDANCE_DENSITY,
        BOUNDS
    }

    private final String key;
    private final String mergeMethod;
    private final String guidance;
    private final Keeps keeps;

    StandardMethod(String key, String mergeMethod, String guidance, Keeps keeps) {
        this.key = key;
        this.mergeMethod = mergeMethod;
        this.guidance = guidance;
        this.keeps = keeps;
    }

    /// The name on the command line and in results.
    public String key() {
        return key;
    }

    public static List<String> keys() {
        return Arrays.stream(values()).map(StandardMethod::key).toList();
    }

    public static Optional<StandardMethod> named(String key) {
        return Arrays.stream(values()).filter(method -> method.key.equals(key)).findFirst();
    }

    /// Whether models have to run for it, on text of the fine-tunes.
    public boolean needsCalibration() {
        return !guidance.isEmpty();
    }

    /// The recipe as a document.
    ///
    /// @param base      as the recipe is to name it
    /// @param fineTunes by their names in the recipe, with texts as it is to name them
    Map<String, Object> recipe(String base, Map<String, FineTune> fineTunes, MethodSettings settings) {
        Map<String, Object> recipe = new LinkedHashMap<>();
        recipe.put("merge_method", mergeMethod);
        recipe.put("base_model", base);
        recipe.put(
                "models",
                fineTunes.entrySet().stream()
                        .map(entry -> model(entry.getKey(), entry.getValue(), settings))
                        .toList());
        recipe.put("parameters", Map.of("normalize", true, "lambda", settings.lambda()));
        if (needsCalibration()) {
            recipe.put("guidance", guidance(fineTunes, settings));
        }
        return recipe;
    }

    private Map<String, Object> model(String name, FineTune fineTune, MethodSettings settings) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("weight", fineTune.weight());
        if (keeps == Keeps.DENSITY) {
            parameters.put("density", settings.density());
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("model", name);
        model.put("parameters", parameters);
        return model;
    }

    private Map<String, Object> guidance(Map<String, FineTune> fineTunes, MethodSettings settings) {
        Map<String, Object> block = new LinkedHashMap<>();
        block.put("method", guidance);
        Map<String, Object> texts = new LinkedHashMap<>();
        Map<String, Object> templates = new LinkedHashMap<>();
        fineTunes.forEach((name, fineTune) -> {
            fineTune.calibration().ifPresent(file -> texts.put(name, file.toString()));
            fineTune.template().ifPresent(template -> templates.put(name, template));
        });
        block.put("calibration", texts);
        if (!templates.isEmpty()) {
            block.put("template", templates);
        }
        block.put("samples", settings.samples());
        block.put("max_length", settings.length());
        block.put("seed", settings.seed());
        switch (keeps) {
            case GUIDANCE_DENSITY -> block.put("density", settings.density());
            case BOUNDS -> {
                block.put("gamma", settings.gamma());
                block.put("epsilon", settings.epsilon());
            }
            case ALL, DENSITY -> {}
        }
        if (guidance.endsWith("sparsegpt")) {
            block.put("block_size", settings.blockSize());
            block.put("percdamp", settings.damping());
            block.put("sequential", settings.sequential());
        }
        return block;
    }
}
