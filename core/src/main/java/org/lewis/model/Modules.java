package org.lewis.model;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lewis.document.Node;

/// The parts of a model that can be merged each in its own way: language model, vision tower and what joins them, or
/// encoder and decoder.
public final class Modules {

    /// The language model of a multimodal one.
    public static final String TEXT = "text_decoder";

    public static final String ENCODER = "encoder";
    public static final String DECODER = "decoder";

    /// All of a model that has no parts.
    public static final String WHOLE = "default";

    private static final String ROOT = "model.";

    private Modules() {}

    /// The tensors of each module, by its name. Each tensor is in one of them.
    ///
    /// The language model is the one that `text_config` describes. Any other module has the name that its tensors
    /// begin with, but for `model.`, such as `vision_tower`, `visual`, `encoder` or `shared`.
    ///
    /// @param config      the model's `config.json`
    /// @param tensorNames names found in the weights
    public static Map<String, Set<String>> of(Node config, Set<String> tensorNames) {
        Map<String, Set<String>> modules = new TreeMap<>();
        TextPart text = TextPart.of(config, tensorNames);
        if (config.find(TextPart.KEY).isPresent() && !text.file().isEmpty()) {
            tensorNames.forEach(name -> add(modules, text.contains(name) ? TEXT : firstPart(name), name));
        } else if (begins(tensorNames, ENCODER) && begins(tensorNames, DECODER)) {
            tensorNames.forEach(name -> add(modules, firstPart(name), name));
        } else {
            modules.put(WHOLE, new TreeSet<>(tensorNames));
        }
        return modules;
    }

    private static void add(Map<String, Set<String>> modules, String module, String tensor) {
        modules.computeIfAbsent(module, _ -> new TreeSet<>()).add(tensor);
    }

    private static boolean begins(Set<String> tensorNames, String module) {
        return tensorNames.stream().anyMatch(name -> firstPart(name).equals(module));
    }

    private static String firstPart(String tensor) {
        String name = tensor.startsWith(ROOT) ? tensor.substring(ROOT.length()) : tensor;
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }
}
