package org.lewis.extract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.model.Slot;
import org.lewis.tensor.Tensor;

/// What an adapter holds as it is.
///
/// PEFT loads a module of `modules_to_save` only with all of its tensors, and replaces it by a copy of its own. A bias
/// whose weight is not saved is loaded into its place by its name, which is within `base_layer` where the linear is
/// adapted.
///
/// @param tensors by their names in the adapter, without its prefix
/// @param modules that are saved whole
/// @param biases  whether there are others
record SavedTensors(Map<String, Tensor> tensors, List<String> modules, boolean biases) {

    private static final String BIAS = ".bias";

    /// @param names   of tensors to be saved
    /// @param adapted names of weights that are adapted, but for those of modules that are saved whole
    static SavedTensors of(Checkpoint model, Set<String> names, Set<String> adapted, Naming naming) {
        Set<String> modules = new TreeSet<>();
        for (String name : names) {
            if (!name.endsWith(BIAS)) {
                modules.add(owner(name));
            }
        }
        Map<String, Tensor> tensors = new TreeMap<>();
        boolean biases = false;
        for (Tensor tensor : model.tensors().values()) {
            String name = tensor.name();
            if (modules.stream().anyMatch(module -> name.startsWith(module + ".")) && !Slot.isBuffer(name)) {
                tensors.put(naming.inPeft(name), tensor);
                naming.headOf(name).ifPresent(head -> tensors.put(head, tensor));
            } else if (names.contains(name)) {
                boolean isWithin = adapted.contains(owner(name) + ".weight");
                tensors.put(isWithin ? owner(naming.inPeft(name)) + ".base_layer" + BIAS : naming.inPeft(name), tensor);
                biases = true;
            }
        }
        return new SavedTensors(tensors, modules(modules, model, naming), biases);
    }

    /// Names of the tensors in the model.
    List<String> names() {
        return tensors.values().stream().map(Tensor::name).distinct().sorted().toList();
    }

    private static List<String> modules(Set<String> modules, Checkpoint model, Naming naming) {
        List<String> named = new ArrayList<>();
        for (String module : modules) {
            String tensor = model.tensors().keySet().stream()
                    .filter(name -> name.startsWith(module + "."))
                    .findFirst()
                    .orElseThrow();
            String full = naming.inPeft(tensor);
            named.add(full.substring(0, full.length() - (tensor.length() - module.length())));
            Optional<String> head = naming.headOf(tensor);
            head.ifPresent(name -> named.add(owner(name)));
        }
        return named.stream().sorted().toList();
    }

    private static String owner(String tensor) {
        return tensor.substring(0, Math.max(tensor.lastIndexOf('.'), 0));
    }
}
