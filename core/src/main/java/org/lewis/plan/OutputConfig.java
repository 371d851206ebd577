package org.lewis.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.SideFiles;
import org.lewis.model.LayerEntries;

/// The donor's config as the merged model needs it, but for what depends on its vocabulary.
///
/// @param remarks what the config cannot say
public record OutputConfig(Map<String, Object> members, List<String> remarks) {

    /// @throws org.lewis.checkpoint.CheckpointException when the donor has no readable config
    public static OutputConfig of(Donor donor, Sources sources) throws IOException {
        Checkpoint checkpoint = sources.checkpoint(donor.model());
        Set<String> tensors = checkpoint.tensors().keySet();
        Map<String, Object> members = SideFiles.config(checkpoint.config(), donor.dtype());
        List<String> remarks = new ArrayList<>();
        for (Map.Entry<String, List<Integer>> module : donor.layers().entrySet()) {
            remarks.addAll(
                    LayerEntries.renumber(checkpoint.config(), tensors, members, module.getKey(), module.getValue()));
        }
        return new OutputConfig(members, remarks);
    }
}
