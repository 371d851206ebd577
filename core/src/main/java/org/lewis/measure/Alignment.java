package org.lewis.measure;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.model.NameMatch;
import org.lewis.model.Slot;
import org.lewis.tensor.ReadableTensor;

/// Which tensors of the fine-tunes belong to which of the base.
final class Alignment {

    private final ReadableModel base;
    private final List<String> notes = new ArrayList<>();
    private final Map<String, List<ReadableTensor>> common = new TreeMap<>();

    Alignment(ReadableModel base, List<? extends ReadableModel> tuned) {
        this.base = base;
        base.tensors().keySet().stream()
                .filter(name -> !Slot.isBuffer(name))
                .forEach(name -> common.put(name, new ArrayList<>()));
        tuned.forEach(this::add);
    }

    Map<String, List<ReadableTensor>> common() {
        return common;
    }

    List<String> notes() {
        return notes;
    }

    private void add(ReadableModel model) {
        Set<String> wanted = base.tensors().keySet();
        NameMatch match = NameMatch.between(model.tensors().keySet(), wanted);
        if (!match.equals(NameMatch.EQUAL)) {
            notes.add(model.name() + ": " + match.inWords() + ", as in " + base.name());
        }
        Set<String> found = new HashSet<>();
        model.tensors().forEach((name, tensor) -> {
            String own = match.of(name, wanted);
            List<ReadableTensor> others = common.get(own);
            if (others != null && fits(own, tensor, model)) {
                others.add(tensor);
                found.add(own);
            } else if (!wanted.contains(own)) {
                notes.add(model.name() + ": " + name + " is not in " + base.name());
            }
        });
        wanted.stream()
                .filter(name -> common.containsKey(name) && !model.tensors().containsKey(name) && !found.contains(name))
                .forEach(name -> notes.add(model.name() + ": " + name + " of " + base.name() + " is missing"));
        common.keySet().retainAll(found);
    }

    private boolean fits(String name, ReadableTensor tensor, ReadableModel model) {
        ReadableTensor origin = base.tensors().get(name);
        if (!origin.shape().equals(tensor.shape())) {
            notes.add(model.name() + ": " + name + " is " + tensor.shape() + ", but that of " + base.name() + " is "
                    + origin.shape());
            return false;
        }
        if (!origin.dtype().isMergeable() || !tensor.dtype().isMergeable()) {
            notes.add(model.name() + ": " + name + ": no arithmetic with "
                    + (origin.dtype().isMergeable() ? tensor : origin).dtype());
            return false;
        }
        return true;
    }
}
