package org.lewis.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.merge.Demands;
import org.lewis.merge.Method;
import org.lewis.merge.Methods;

/// The words of `method: lewis+sparsegpt`, each of which decides something else: LEWIS how much of a layer stays, Wanda
/// or SparseGPT which weights, AIM how far the merge may go from what the base needs; RegMean solves for whole layers.
///
/// @param words at least one
record GuidanceMethod(Set<String> words) {

    private static final List<String> KNOWN = List.of("lewis", "wanda", "sparsegpt", "regmean", "aim");

    static GuidanceMethod parse(Node node) {
        Optional<Node> found = node.find("method");
        Set<String> words = new TreeSet<>();
        for (String word : found.map(Node::text).orElse("lewis").split("\\+", -1)) {
            String name = word.strip();
            if (!KNOWN.contains(name)) {
                throw found.orElse(node).error("unknown guidance \"" + name + "\"" + Nearest.suggestion(name, KNOWN));
            }
            words.add(name);
        }
        if (words.contains("wanda") && words.contains("sparsegpt")) {
            throw found.orElseThrow().error("wanda and sparsegpt both decide which weights stay; take one");
        }
        if (words.contains("regmean") && words.size() > 1) {
            throw found.orElseThrow().error("regmean solves for whole layers and leaves nothing to others");
        }
        return new GuidanceMethod(words);
    }

    boolean usesLewis() {
        return words.contains("lewis");
    }

    boolean usesRegression() {
        return words.contains("regmean");
    }

    boolean relaxes() {
        return words.contains("aim");
    }

    /// The word that says which weights stay, or nothing.
    String ranking() {
        return words.contains("wanda") ? "wanda" : words.contains("sparsegpt") ? "sparsegpt" : "";
    }

    /// Refuses a merge method that cannot do what is asked for.
    void check(Node node, Method method) {
        boolean hasDensity = method.parameters().stream()
                .anyMatch(parameter -> parameter.name().equals("density"));
        boolean hasBase = method.demands().base() == Demands.Base.REQUIRED;
        if (usesRegression() != method.name().equals(Methods.REGMEAN)) {
            throw node.error(
                    usesRegression()
                            ? "guidance by regmean is for `merge_method: regmean`"
                            : "`merge_method: regmean` needs guidance by regmean");
        }
        if (usesLewis() && ranking().isEmpty() && !hasDensity) {
            throw node.error(method.name() + " has no densities that guidance could set");
        }
        if (!ranking().isEmpty() && !(corrects(node) ? hasBase : method.takesScales())) {
            throw node.error(method.name() + " does not choose weights by rank, so " + ranking() + " cannot guide it");
        }
        if (usesLewis() && node.find("pattern").isPresent()) {
            throw node.get("pattern").error("a pattern leaves LEWIS nothing to decide");
        }
        if (relaxes() && !hasBase) {
            throw node.error(method.name() + " has no merged task vector that aim could relax");
        }
    }

    /// Whether whole task vectors come out of pruning, of which the merge method drops nothing more.
    private boolean corrects(Node node) {
        return ranking().equals("sparsegpt")
                && node.find("error_correction").map(Node::flag).orElse(true);
    }

    /// Notes that a method's own dropping of outliers has nothing to do.
    void noteOutliers(Node node, Method method, List<String> notes) {
        boolean dropsOutliers = method.parameters().stream()
                .anyMatch(parameter -> parameter.name().equals("gamma"));
        if (dropsOutliers && corrects(node)) {
            notes.add(node.place() + ": error-corrected pruning keeps outliers, so the `gamma` of " + method.name()
                    + " has no effect; with `error_correction: false` it drops those of the ranking");
        }
    }

    /// The keys of all methods.
    List<String> allKeys() {
        List<String> keys = new ArrayList<>(List.of("density", "omega"));
        keys.addAll(Ranking.WANDA_KEYS);
        keys.addAll(Ranking.SPARSEGPT_KEYS);
        keys.addAll(Hessian.KEYS);
        keys.addAll(Regression.KEYS);
        return keys;
    }

    /// Notes keys of methods that are not asked for.
    void noteIdle(Node node, List<String> lewisKeys, List<String> notes) {
        Set<String> used = new TreeSet<>();
        if (usesLewis()) {
            used.addAll(lewisKeys);
        }
        if (usesRegression()) {
            used.addAll(Regression.KEYS);
        }
        if (relaxes()) {
            used.add("omega");
        }
        switch (ranking()) {
            case "wanda" -> used.addAll(Ranking.WANDA_KEYS);
            case "sparsegpt" -> {
                used.addAll(Ranking.SPARSEGPT_KEYS);
                used.addAll(Hessian.KEYS);
            }
            default -> {}
        }
        if (!ranking().isEmpty() && !usesLewis()) {
            used.add("density");
        }
        List<String> idle = new ArrayList<>(lewisKeys);
        idle.addAll(allKeys());
        idle.removeAll(used);
        for (String key : idle) {
            node.find(key)
                    .ifPresent(found ->
                            notes.add(found.place() + ": has no effect on guidance by " + String.join("+", words)));
        }
    }
}
