package org.lewis.engine;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.lewis.merge.Crew;
import org.lewis.tensor.Tensor;

/// The tensors of earlier stages that one tensor is made of. Those that are needed in several places are computed
/// once and held until it is done, the others only as long as the one that needs them.
final class StageTensors {

    /// @param stage  that makes it
    /// @param tensor its name
    record Key(String stage, String tensor) {}

    private final Arena arena;
    private final Crew crew;
    private final Set<Key> once = new HashSet<>();
    private final Set<Key> often = new HashSet<>();
    private final Map<Key, Tensor> made = new HashMap<>();

    private StageTensors(Arena arena, Crew crew) {
        this.arena = arena;
        this.crew = crew;
    }

    /// @param arena owns what is needed in several places
    static StageTensors of(JobInputs inputs, Arena arena, Crew crew) {
        StageTensors tensors = new StageTensors(arena, crew);
        tensors.count(inputs);
        return tensors;
    }

    /// What is computed once needs its own inputs once.
    private void count(JobInputs inputs) {
        for (MergedTensor tensor : inputs.stages()) {
            if (once.add(tensor.key())) {
                count(tensor.inputs());
            } else {
                often.add(tensor.key());
            }
        }
    }

    /// @param own owns it if nothing else needs it
    Tensor inMemory(MergedTensor tensor, Arena own) {
        if (!often.contains(tensor.key())) {
            return tensor.inMemory(own, crew, this);
        }
        Tensor before = made.get(tensor.key());
        if (before == null) {
            before = tensor.inMemory(arena, crew, this);
            made.put(tensor.key(), before);
        }
        return before;
    }
}
