package org.lewis.extract;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.document.DocumentException;
import org.lewis.model.Decoder;
import org.lewis.model.Families;
import org.lewis.model.Slot;

/// What PEFT has to know of a model beside its tensors, as far as the family is known.
///
/// @param full       names of tensors in a model for text generation, where a file has shorter ones, as GPT-2's does
/// @param transposed weights that are stored `[in, out]`
/// @param tied       a head's name, by that of the table that it shares
record Naming(Map<String, String> full, Set<String> transposed, Map<String, String> tied) {

    private static final String WEIGHT = ".weight";

    static Naming of(Checkpoint model) throws IOException {
        Set<String> names = model.tensors().keySet();
        try {
            Decoder decoder = Families.describe(model.config(), names);
            Map<String, String> full = full(decoder, Families.describe(model.config(), Set.of()));
            return new Naming(full, transposed(decoder), tied(decoder));
        } catch (DocumentException e) {
            // A family that cannot be run. Nearly all store [out, in] under full names, with a head of their own.
            return new Naming(Map.of(), Set.of(), Map.of());
        }
    }

    /// The module that owns a weight; another tensor is its own.
    static String module(String tensor) {
        return tensor.endsWith(WEIGHT) ? tensor.substring(0, tensor.length() - WEIGHT.length()) : tensor;
    }

    /// A tensor's name in the model that PEFT adapts.
    String inPeft(String tensor) {
        return full.getOrDefault(tensor, tensor);
    }

    boolean isTransposed(String weight) {
        return transposed.contains(weight);
    }

    boolean transposes() {
        return !transposed.isEmpty();
    }

    /// The head that is tied to a table.
    Optional<String> headOf(String table) {
        return Optional.ofNullable(tied.get(table));
    }

    private static Map<String, String> full(Decoder decoder, Decoder usual) {
        Map<String, String> full = new HashMap<>();
        List<Slot> file = decoder.slots();
        List<Slot> model = usual.slots();
        for (int i = 0; i < file.size() && file.size() == model.size(); i++) {
            if (model.get(i).tensor().endsWith("." + file.get(i).tensor())) {
                full.put(file.get(i).tensor(), model.get(i).tensor());
            }
        }
        return full;
    }

    private static Set<String> transposed(Decoder decoder) {
        Set<String> names = new HashSet<>();
        for (Decoder.Linear linear : decoder.linears()) {
            if (linear.layout() == Decoder.Linear.Layout.IN_OUT) {
                names.add(linear.weight());
            }
        }
        return names;
    }

    private static Map<String, String> tied(Decoder decoder) {
        return switch (decoder.head()) {
            case Decoder.Head.Tied tied -> Map.of(tied.tokens().tensor(), tied.copy());
            case Decoder.Head.Own _ -> Map.of();
        };
    }
}
