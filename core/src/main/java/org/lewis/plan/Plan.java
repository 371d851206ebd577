package org.lewis.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.Layout;
import org.lewis.merge.Method;
import org.lewis.recipe.Recipe;

/// What a merge will do, tensor by tensor, and where each byte of the result goes. Pure data: it can be printed, tested
/// and costed without touching a tensor.
///
/// @param stages   the jobs of earlier stages of the recipe, by name: each stage after those that it needs
/// @param donor    whose config and tokenizer the output carries
/// @param seed     of every random draw
/// @param notes    what the user should know
public record Plan(
        Method method,
        List<TensorJob> jobs,
        Map<String, List<TensorJob>> stages,
        Layout layout,
        Donor donor,
        long seed,
        List<String> notes) {

    /// Seed of the random draws when none is given; the manifest records it.
    public static final long DEFAULT_SEED = 42;

    /// Data bytes of a shard, as the field's tools have it.
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    /// Plans a merge; everything that can be wrong with recipe and models together is refused here.
    ///
    /// @throws org.lewis.checkpoint.CheckpointException when the models do not fit together
    /// @throws org.lewis.document.DocumentException     when the recipe leaves a parameter open
    public static Plan of(Recipe recipe, Sources sources, long seed) throws IOException {
        return of(recipe, sources, seed, DEFAULT_SHARD_BYTES);
    }

    /// The same with shards of another size.
    ///
    /// @param shardBytes most data bytes of a shard, unless one tensor alone is larger
    public static Plan of(Recipe recipe, Sources sources, long seed, long shardBytes) throws IOException {
        List<String> notes = new ArrayList<>();
        Planner planner = new Planner(recipe, sources, seed, notes);
        List<TensorJob> jobs = planner.jobs();
        if (!planner.donor().layers().isEmpty()) {
            notes.addAll(OutputConfig.of(planner.donor(), sources).remarks());
        }
        Layout layout = Layout.of(jobs.stream().map(TensorJob::slot).toList(), shardBytes);
        return new Plan(recipe.method(), jobs, planner.stages(), layout, planner.donor(), seed, List.copyOf(notes));
    }
}
