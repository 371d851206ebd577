package org.lewis.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.lewis.document.DocumentException;
import org.lewis.document.Node;

/// What a config says of single layers, when a model gets its layers in another order or number.
public final class LayerEntries {

    private static final List<String> COUNTS = List.of("num_hidden_layers", "n_layer", "num_layers", "n_layers");
    private static final List<String> ENCODER_COUNTS = List.of("encoder_layers", "num_encoder_layers", "num_layers");
    private static final List<String> DECODER_COUNTS = List.of("decoder_layers", "num_decoder_layers");
    private static final List<String> TOWER_COUNTS = List.of("num_hidden_layers", "depth", "num_layers", "n_layers");

    /// Lists with an entry for each layer.
    private static final List<String> LISTS = List.of(
            "layer_types",
            "mlp_layer_types",
            "layers_block_type",
            "block_types",
            "attention_layers",
            "no_rope_layers",
            "intermediate_size",
            "activation_sparsity_pattern",
            "num_attention_heads_per_layer",
            "num_key_value_heads_per_layer");

    /// Lists of the numbers of some layers.
    private static final List<String> NUMBERS =
            List.of("mlp_only_layers", "moe_layers", "full_attn_idxs", "attn_layer_indices", "cross_attention_layers");

    /// How many layers from the first on are of another kind than the rest.
    private static final List<String> BOUNDS = List.of("max_window_layers", "first_k_dense_replace");

    /// Rules that number layers and have to be told by a list once the layers are others.
    private static final List<String> RULES = List.of(
            "sliding_window_pattern", "_sliding_window_pattern", "no_rope_layer_interval", "full_attention_interval");

    private static final String TYPES = "layer_types";

    private LayerEntries() {}

    /// Rewrites a config for a module whose layers are others than before.
    ///
    /// @param config  the config as it is, with the names of the tensors that it is for
    /// @param members the same as plain maps, free to change
    /// @param module  of [Modules]
    /// @param origins for each layer of the module, the number of the layer whose entries it gets
    /// @return what could not be said in the config
    public static List<String> renumber(
            Node config, Set<String> tensorNames, Map<String, Object> members, String module, List<Integer> origins) {
        List<String> remarks = new ArrayList<>();
        Optional<Map<String, Object>> section = section(members, module);
        if (section.isEmpty() || !count(section.get(), module, origins.size())) {
            remarks.add("config.json names no number of layers for " + module + "; it has " + origins.size() + " now");
            return remarks;
        }
        Map<String, Object> entries = section.get();
        boolean isLanguageModel = module.equals(Modules.WHOLE) || module.equals(Modules.TEXT);
        if (isLanguageModel && !entries.containsKey(TYPES)) {
            kinds(config, tensorNames)
                    .filter(kinds -> new TreeSet<>(kinds).size() > 1)
                    .ifPresent(kinds -> entries.put(TYPES, kinds));
        }
        for (String key : LISTS) {
            if (entries.get(key) instanceof List<?> list && !list.isEmpty()) {
                entries.put(
                        key, origins.stream().map(layer -> entry(list, layer)).toList());
            }
        }
        for (String key : NUMBERS) {
            if (entries.get(key) instanceof List<?> numbers) {
                entries.put(key, numbered(numbers, origins));
            }
        }
        for (String key : BOUNDS) {
            if (entries.get(key) instanceof Long bound) {
                bound(entries, key, bound, origins).ifPresent(remarks::add);
            }
        }
        RULES.stream()
                .filter(key -> entries.get(key) instanceof Long && !entries.containsKey(TYPES))
                .forEach(key -> remarks.add(
                        "config.json says `" + key + "` of layers by their numbers, which are others now; check it"));
        return remarks;
    }

    /// Where the config speaks of a module.
    @SuppressWarnings("unchecked")
    private static Optional<Map<String, Object>> section(Map<String, Object> members, String module) {
        String key = switch (module) {
            case Modules.WHOLE, Modules.ENCODER, Modules.DECODER -> "";
            case Modules.TEXT -> "text_config";
            default -> module.contains("audio") ? "audio_config" : "vision_config";
        };
        if (key.isEmpty()) {
            return Optional.of(members);
        }
        if (!(members.get(key) instanceof Map<?, ?> section)) {
            return Optional.empty();
        }
        Map<String, Object> copy = new LinkedHashMap<>((Map<String, Object>) section);
        members.put(key, copy);
        return Optional.of(copy);
    }

    private static boolean count(Map<String, Object> entries, String module, long layers) {
        List<String> keys = switch (module) {
            case Modules.WHOLE, Modules.TEXT -> COUNTS;
            case Modules.ENCODER -> ENCODER_COUNTS;
            case Modules.DECODER -> DECODER_COUNTS;
            default -> TOWER_COUNTS;
        };
        boolean found = false;
        for (String key : keys) {
            found |= entries.replace(key, layers) != null;
        }
        return found;
    }

    private static Object entry(List<?> list, int layer) {
        return list.get(Math.min(layer, list.size() - 1));
    }

    private static List<Long> numbered(List<?> numbers, List<Integer> origins) {
        List<Long> kept = new ArrayList<>();
        for (int layer = 0; layer < origins.size(); layer++) {
            if (numbers.contains((long) origins.get(layer))) {
                kept.add((long) layer);
            }
        }
        return kept;
    }

    /// Moves a bound to where it now lies, if the layers on either side still lie together.
    private static Optional<String> bound(Map<String, Object> entries, String key, long bound, List<Integer> origins) {
        long before = origins.stream().takeWhile(layer -> layer < bound).count();
        entries.put(key, before);
        boolean together = origins.stream().skip(before).allMatch(layer -> layer >= bound);
        return together || entries.containsKey(TYPES)
                ? Optional.empty()
                : Optional.of("config.json says by `" + key + "` that the first layers are of another kind, but those"
                        + " that are do not stand together now; check it");
    }

    /// The kinds of attention that the family's rule gives the layers of the model as it was; empty for a family
    /// that is not known.
    private static Optional<List<String>> kinds(Node config, Set<String> tensorNames) {
        try {
            return Optional.of(Families.describe(config, tensorNames).blocks().stream()
                    .map(block -> ((Decoder.Attention) block.attention().work()).window())
                    .map(window -> window < Integer.MAX_VALUE ? "sliding_attention" : "full_attention")
                    .toList());
        } catch (DocumentException _) {
            return Optional.empty();
        }
    }
}
