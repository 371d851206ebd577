package org.lewis.merge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.lewis.kernel.Draws;

/// Runs a method on arrays, tile by tile, as the engine does.
///
/// @param withBase whether a method that may do without a base gets one
/// @param columns  of the tensors, which must be matrices of whole rows; 0 for vectors
record Merging(
        Method method,
        Semantics semantics,
        boolean withBase,
        int columns,
        double depth,
        Map<String, Double> merge,
        List<Map<String, Double>> models,
        long seed,
        Guides guides) {

    static final String TENSOR = "model.layers.0.mlp.up_proj.weight";

    /// The method with its defaults, and a weight of 1 for each model; of no more models than it takes.
    static Merging of(String method, int wanted) {
        Method found = Methods.named(method).orElseThrow();
        int models = Math.min(wanted, found.demands().mostModels());
        Map<String, Double> merge = new HashMap<>();
        List<Map<String, Double>> perModel = new ArrayList<>();
        for (int i = 0; i < models; i++) {
            perModel.add(new HashMap<>());
        }
        for (Parameter parameter : found.parameters()) {
            double value = parameter.standard().orElse(1);
            switch (parameter.scope()) {
                case MERGE -> merge.put(parameter.name(), value);
                case MODEL -> perModel.forEach(model -> model.put(parameter.name(), value));
            }
        }
        return new Merging(found, Semantics.MERGEKIT, true, 0, 0, merge, perModel, 42, Guides.NONE);
    }

    /// The same with another value, for all models where the parameter is one of models.
    Merging with(String parameter, double... values) {
        Map<String, Double> newMerge = new HashMap<>(merge);
        List<Map<String, Double>> newModels = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            Map<String, Double> model = new HashMap<>(models.get(i));
            model.computeIfPresent(parameter, (_, _) -> null);
            if (models.get(i).containsKey(parameter)) {
                model.put(parameter, values[Math.min(i, values.length - 1)]);
            }
            newModels.add(model);
        }
        newMerge.computeIfPresent(parameter, (_, _) -> values[0]);
        return new Merging(method, semantics, withBase, columns, depth, newMerge, newModels, seed, guides);
    }

    Merging with(Semantics other) {
        return new Merging(method, other, withBase, columns, depth, merge, models, seed, guides);
    }

    Merging withSeed(long other) {
        return new Merging(method, semantics, withBase, columns, depth, merge, models, other, guides);
    }

    Merging withoutBase() {
        return new Merging(method, semantics, false, columns, depth, merge, models, seed, guides);
    }

    Merging inRowsOf(int length) {
        return new Merging(method, semantics, withBase, length, depth, merge, models, seed, guides);
    }

    /// The same ranked by scales, for all models.
    Merging guidedBy(ColumnScales scales) {
        List<Optional<ColumnScales>> ofEach = new ArrayList<>();
        models.forEach(_ -> ofEach.add(Optional.of(scales)));
        return guidedBy(new Guides(ofEach, Optional.empty()));
    }

    Merging guidedBy(Guides others) {
        return new Merging(method, semantics, withBase, columns, depth, merge, models, seed, others);
    }

    Merging atDepth(double other) {
        return new Merging(method, semantics, withBase, columns, other, merge, models, seed, guides);
    }

    float[] run(float[] base, float[]... tensors) {
        return run(Crew.ALONE, base, tensors);
    }

    /// @param all models that the method takes no more of are left out
    float[] run(Crew crew, float[] base, float[]... all) {
        List<float[]> tensors = List.of(all).subList(0, Math.min(all.length, models.size()));
        List<Long> dimensions =
                columns == 0 ? List.of((long) base.length) : List.of((long) base.length / columns, (long) columns);
        ArrayInputs inputs = new ArrayInputs(dimensions, usesBase(), base, tensors);
        Settings settings = settings(TENSOR);
        method.check(settings);
        Method ready =
                method.needsWholeModels(semantics) ? method.knowing(WholeModels.of(inputs, settings, crew)) : method;
        return blended(ready, inputs, settings, crew);
    }

    /// The parameters as a tensor of that name gets them.
    Settings settings(String tensor) {
        List<Long> keys = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            keys.add(Draws.key(seed, tensor, "model" + i));
        }
        return new Settings(tensor, semantics, depth, merge, models, keys, guides);
    }

    static float[] blended(Method method, ArrayInputs inputs, Settings settings, Crew crew) {
        Blend blend = method.prepare(inputs, settings, crew);
        float[] result = new float[Math.toIntExact(inputs.elements())];
        crew.mapChunks(result.length, (from, to) -> {
            blend(inputs, blend, from, to, result);
            return null;
        });
        return result;
    }

    private boolean usesBase() {
        return switch (method.demands().base()) {
            case REQUIRED -> true;
            case OPTIONAL -> withBase;
            case UNUSED, FIRST_MODEL, MODEL -> false;
        };
    }

    private static void blend(ArrayInputs inputs, Blend blend, long begin, long end, float[] result) {
        for (long from = begin; from < end; from += Tile.SIZE) {
            int count = (int) Math.min(Tile.SIZE, end - from);
            Tile tile = Tile.of(count, inputs.hasBase(), inputs.models()).at(from, count);
            if (inputs.hasBase()) {
                inputs.readBase(from, count, tile.base());
            }
            for (int i = 0; i < inputs.models(); i++) {
                inputs.read(i, from, count, tile.models()[i]);
            }
            blend.blend(tile);
            System.arraycopy(tile.target(), 0, result, (int) from, count);
        }
    }

    static float[] noise(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// A model a little away from the base.
    static float[] tuned(float[] base, long seed) {
        float[] values = noise(base.length, seed);
        for (int i = 0; i < values.length; i++) {
            values[i] = base[i] + 0.01f * values[i];
        }
        return values;
    }
}
