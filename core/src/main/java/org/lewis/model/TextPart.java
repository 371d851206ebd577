package org.lewis.model;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.lewis.document.Node;

/// The language model inside a multimodal one or a wrapper: its own config, and what its tensors' names begin with in
/// the file.
///
/// @param config `text_config`, or the whole config of a model that is nothing else
/// @param file   prefix of its tensors in the file
/// @param plain  what stands in its place when the language model is saved alone
record TextPart(Node config, String file, String plain) {

    static final String KEY = "text_config";
    private static final String HEAD = "lm_head.";

    /// Newer files keep the parts under one `model.`, with the head beside it; in older ones the language model is
    /// whole.
    private static final List<Prefixes> LAYOUTS =
            List.of(new Prefixes("model.language_model.", "model."), new Prefixes("language_model.", ""));

    /// What names begin with when a model was saved inside of an adapter's, a parallel or a compiled one.
    private static final List<String> WRAPPERS = List.of("base_model.model.", "module.", "_orig_mod.");

    private record Prefixes(String file, String plain) {}

    static TextPart of(Node config, Set<String> tensorNames) {
        if (config.find(KEY).isEmpty()) {
            String wrapper = WRAPPERS.stream()
                    .filter(prefix -> tensorNames.stream().anyMatch(name -> name.startsWith(prefix)))
                    .findFirst()
                    .orElse("");
            return new TextPart(config, wrapper, "");
        }
        for (Prefixes layout : LAYOUTS) {
            if (tensorNames.stream().anyMatch(name -> name.startsWith(layout.file()))) {
                return new TextPart(config.get(KEY), layout.file(), layout.plain());
            }
        }
        return new TextPart(config.get(KEY), "", "");
    }

    boolean contains(String tensor) {
        return tensor.startsWith(file) || !plain.isEmpty() && tensor.startsWith(HEAD);
    }

    /// Its tensors by their names when it is saved alone.
    Set<String> plainNames(Set<String> tensorNames) {
        return tensorNames.stream()
                .filter(this::contains)
                .map(name -> name.startsWith(file) ? plain + name.substring(file.length()) : name)
                .collect(Collectors.toSet());
    }

    /// The name in the file.
    String inFile(String name) {
        boolean isHead = !plain.isEmpty() && name.startsWith(HEAD);
        return isHead || !name.startsWith(plain) ? name : file + name.substring(plain.length());
    }
}
