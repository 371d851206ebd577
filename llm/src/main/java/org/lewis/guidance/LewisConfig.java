package org.lewis.guidance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.HubCache;
import org.lewis.checkpoint.ModelFinder;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.dataset.NamedText;
import org.lewis.document.Node;
import org.lewis.document.Yaml;
import org.lewis.model.Decoder;
import org.lewis.recipe.Guidance;
import org.lewis.recipe.ModelReference;

/// A YAML config of LEWIS's own scripts, with a few keys more (`metric`, `template`, `seed`, `max_length`).
///
/// @param folder        where relative paths are looked up when the working directory does not have them
/// @param models        path by type
/// @param baseType      the type whose importance the others are compared with
/// @param targets       name in the generated recipe, by type
/// @param dataset       a file, or the name of a known data set
/// @param components    columns of the importance tables; empty for all linears of the model
/// @param prefixes      a component's full name in its layer, where it differs
/// @param globals       `parameters` of the generated recipe
/// @param template      how rows become text; empty for the data set's own
public record LewisConfig(
        Path folder,
        Map<String, String> models,
        String baseType,
        String baseName,
        Map<String, String> targets,
        String dataset,
        int samples,
        double sparsityRatio,
        List<String> components,
        Map<String, String> prefixes,
        Map<String, Object> globals,
        Guidance.Metric metric,
        Optional<String> template,
        long seed,
        int maxLength) {

    /// @throws org.lewis.document.DocumentException when the config cannot be right
    public static LewisConfig read(Path file) throws IOException {
        Node node = Yaml.read(file);
        node.allowing(
                "model_info",
                "dataset",
                "sparsity_ratio",
                "nsamples",
                "components",
                "base_model_type",
                "base_model_name",
                "target_model_names",
                "global_parameters",
                "prefix_mapping",
                "metric",
                "template",
                "seed",
                "max_length");
        Map<String, String> models = new LinkedHashMap<>();
        for (Node model : node.get("model_info").sequence()) {
            model.allowing("name", "type");
            String type = type(model.get("type"));
            if (models.putIfAbsent(type, model.get("name").text()) != null) {
                throw model.get("type").error("the type \"" + type + "\" stands here twice");
            }
        }
        String baseType = node.find("base_model_type").map(Node::text).orElse("base");
        if (!models.containsKey(baseType)) {
            throw node.get("model_info").error("no model has the type \"" + baseType + "\" of the base");
        }
        Map<String, String> targets = targets(node, models, baseType);
        Map<String, Object> globals = new LinkedHashMap<>();
        node.find("global_parameters")
                .ifPresent(found -> found.mapping().forEach((key, value) -> globals.put(key, value.plain())));
        return new LewisConfig(
                file.toAbsolutePath().getParent(),
                models,
                baseType,
                node.find("base_model_name").map(Node::text).orElse(models.get(baseType)),
                targets,
                node.find("dataset").map(Node::text).orElse("mbpp"),
                node.find("nsamples").map(n -> n.integer(1, 1_000_000)).orElse(15),
                sparsityRatio(node),
                node.find("components").map(LewisConfig::components).orElse(List.of()),
                texts(node.find("prefix_mapping")),
                globals,
                node.find("metric").map(Guidance.Metric::parse).orElse(Guidance.Metric.WANDA),
                node.find("template").map(Node::text),
                node.find("seed").map(Node::integer).orElse(42L),
                node.find("max_length").map(n -> n.integer(1, 1_000_000)).orElse(512));
    }

    /// How a row of the data set becomes text.
    public String textTemplate() {
        return template.orElseGet(() -> NamedText.templateOf(dataset));
    }

    /// Where the model of a type lies: in the working directory, else beside the config, else in the hub's cache.
    ///
    /// @throws CheckpointException when it is nowhere
    public ModelLocation model(String type) throws IOException {
        ModelReference model = ModelReference.of(models.get(type));
        return ModelFinder.beside(folder).locate(model.path(), model.revision(), model.adapter());
    }

    /// The file of the data set: in the working directory, else beside the config, else in the hub's cache if it is
    /// known by name.
    ///
    /// @throws IOException when there is no such file
    public Path data() throws IOException {
        return data(HubCache.standard());
    }

    Path data(HubCache hub) throws IOException {
        return NamedText.find(dataset, folder, hub)
                .map(NamedText::file)
                .orElseThrow(() ->
                        new CheckpointException(dataset + ": no such data set, neither in the working directory nor in "
                                + folder + "; rows of another JSONL file are taken with --data"));
    }

    /// The linears of the components in a model's blocks.
    ///
    /// @throws CheckpointException when a component is in no block, or its name fits several linears of one
    public Linears linears(Decoder decoder) throws CheckpointException {
        Linears all = Linears.of(decoder);
        if (components.isEmpty()) {
            return all;
        }
        List<Map<String, String>> weights = new ArrayList<>();
        Set<String> attention = new HashSet<>();
        for (Map<String, String> layer : all.weights()) {
            Map<String, String> chosen = new LinkedHashMap<>();
            for (String component : components) {
                Map.Entry<String, String> found = find(component, layer);
                chosen.put(component, found.getValue());
                if (all.attention().contains(found.getKey())) {
                    attention.add(component);
                }
            }
            weights.add(chosen);
        }
        return new Linears(components, weights, attention);
    }

    /// The same without looking at a model: named `model.layers.N.` as LEWIS's scripts do.
    public Linears linears(int layers) {
        List<Map<String, String>> weights = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            Map<String, String> byComponent = new LinkedHashMap<>();
            for (String component : components) {
                byComponent.put(component, "model.layers." + layer + "." + fullName(component) + ".weight");
            }
            weights.add(byComponent);
        }
        return new Linears(components, weights, Set.of());
    }

    private Map.Entry<String, String> find(String component, Map<String, String> layer) throws CheckpointException {
        String suffix = "." + fullName(component);
        List<Map.Entry<String, String>> found = layer.entrySet().stream()
                .filter(entry -> moduleOf(entry.getValue()).endsWith(suffix))
                .toList();
        if (found.size() != 1) {
            throw new CheckpointException("the component " + component + " (" + suffix + ") is "
                    + (found.isEmpty() ? "none" : "more than one") + " of the linears "
                    + (found.isEmpty() ? List.copyOf(layer.entrySet()) : found)
                            .stream().map(entry -> moduleOf(entry.getValue())).toList()
                    + "; `prefix_mapping` says which it is");
        }
        return found.getFirst();
    }

    private static String moduleOf(String weight) {
        return weight.replaceFirst("\\.weight$", "");
    }

    private String fullName(String component) {
        return prefixes.getOrDefault(component, component);
    }

    /// A type is part of the name of a file.
    private static String type(Node node) {
        if (!node.text().matches("[\\w.-]+")) {
            throw node.expected("letters, digits, '.', '_' and '-'");
        }
        return node.text();
    }

    private static Map<String, String> targets(Node node, Map<String, String> models, String baseType) {
        Map<String, String> targets = texts(node.find("target_model_names"));
        Map<String, String> typeByName = new LinkedHashMap<>();
        targets.forEach((type, name) -> {
            Node target = node.get("target_model_names").get(type);
            if (!models.containsKey(type)) {
                throw target.error("no model of `model_info` has this type");
            }
            if (type.equals(baseType)) {
                throw target.error("this is the base, which the targets are compared with");
            }
            String other = typeByName.putIfAbsent(name, type);
            if (other != null) {
                throw target.error("\"" + name + "\" stands here for " + other + " too");
            }
        });
        return targets;
    }

    private static List<String> components(Node node) {
        List<String> components =
                node.sequence().stream().map(Node::text).distinct().toList();
        if (components.isEmpty() || components.size() < node.sequence().size()) {
            throw node.expected("different components, at least one");
        }
        return components;
    }

    private static double sparsityRatio(Node node) {
        Optional<Node> found = node.find("sparsity_ratio");
        double ratio = found.map(Node::number).orElse(0.0);
        if (!(ratio >= 0 && ratio < 1)) {
            throw found.orElse(node).expected("a number in [0, 1)");
        }
        return ratio;
    }

    private static Map<String, String> texts(Optional<Node> mapping) {
        Map<String, String> texts = new LinkedHashMap<>();
        mapping.ifPresent(node -> node.mapping().forEach((key, value) -> texts.put(key, value.text())));
        return texts;
    }
}
