package org.lewis.guidance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How much of each linear layer's task vector stays, by model and by the name of the weight.
record Shares(List<Map<String, Double>> byModel) {

    double of(int model, String weight) {
        return byModel.get(model).get(weight);
    }

    /// Whether any weight goes at all.
    boolean prune() {
        return byModel.stream().anyMatch(shares -> shares.values().stream().anyMatch(share -> share < 1));
    }

    /// The same weights, all kept.
    Shares whole() {
        return new Shares(byModel.stream()
                .map(shares -> {
                    Map<String, Double> whole = new LinkedHashMap<>();
                    shares.keySet().forEach(weight -> whole.put(weight, 1.0));
                    return whole;
                })
                .toList());
    }
}
