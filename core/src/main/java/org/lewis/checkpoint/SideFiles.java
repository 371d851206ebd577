package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.document.Node;
import org.lewis.tensor.Dtype;

/// The files of a model folder that are not weights: config, tokenizer, chat template.
public final class SideFiles {

    /// Carried along as they are when the donor has them.
    private static final List<String> CARRIED = List.of(
            "generation_config.json",
            "tokenizer.json",
            "tokenizer.model",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "vocab.txt",
            "merges.txt",
            "chat_template.jinja",
            "chat_template.json",
            "preprocessor_config.json",
            "processor_config.json",
            "video_preprocessor_config.json");

    private SideFiles() {}

    /// Those of [#CARRIED] that the folder has.
    public static List<Path> carried(Path folder) {
        List<Path> files = new ArrayList<>();
        for (String name : CARRIED) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                files.add(file);
            }
        }
        return files;
    }

    /// The members of the donor's `config.json` as the output needs it.
    ///
    /// @param dtype  that the weights now have; empty when each keeps its own
    public static Map<String, Object> config(Node config, Optional<Dtype> dtype) {
        Map<String, Object> members = new LinkedHashMap<>();
        config.mapping().forEach((key, value) -> members.put(key, value.plain()));
        dtype.ifPresent(d -> members.put(
                members.containsKey("torch_dtype") && !members.containsKey("dtype") ? "torch_dtype" : "dtype",
                d.configName()));
        return members;
    }

    /// Whether two models cut text into the same tokens: byte-equal tokenizers, or none to compare.
    public static boolean sameTokenizer(Path folder, Path other) throws IOException {
        for (String name : List.of("tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt")) {
            Path mine = folder.resolve(name);
            Path theirs = other.resolve(name);
            if (Files.exists(mine) && Files.exists(theirs) && Files.mismatch(mine, theirs) >= 0) {
                return false;
            }
        }
        return true;
    }
}
