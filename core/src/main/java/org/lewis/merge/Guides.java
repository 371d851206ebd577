package org.lewis.merge;

import java.util.List;
import java.util.Optional;

/// What calibration has to say on the merge of one tensor.
///
/// @param scales     by model, how its task vector is ranked; empty for a model, or as a whole, where magnitude decides
/// @param relaxation what the merged task vector is multiplied by at the end
public record Guides(List<Optional<ColumnScales>> scales, Optional<ColumnFactors> relaxation) {

    public static final Guides NONE = new Guides(List.of(), Optional.empty());

    public Guides {
        scales = List.copyOf(scales);
    }

    Optional<ColumnScales> scalesOf(int model) {
        return scales.isEmpty() ? Optional.empty() : scales.get(model);
    }
}
