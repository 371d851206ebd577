package org.lewis.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Layout;
import org.lewis.kernel.Draws;
import org.lewis.merge.Guides;
import org.lewis.merge.Parameter;
import org.lewis.merge.Settings;
import org.lewis.model.TensorNames;
import org.lewis.recipe.LayerRange;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// Turns a recipe and the inventories of its models into jobs, one per tensor of the output: part by part, layer by
/// layer.
final class Planner {

    /// A model in one part of the recipe.
    ///
    /// @param firstLayer which of its layers is the part's first
    private record Participant(Ingredient model, int firstLayer) {}

    private record Stage(Ingredient result, List<TensorJob> jobs) {}

    private final Recipe recipe;
    private final Sources sources;
    private final long seed;
    private final List<String> notes;
    /// Those that are planned already, by name, each after those it needs; shared by the planners of all stages.
    private final Map<String, Stage> stages;

    private final List<Ingredient> ingredients = new ArrayList<>();
    private final Map<String, TensorJob> jobs = new TreeMap<>();
    private final List<Integer> layerOrigins = new ArrayList<>();
    private final Donor.Tokens tokens;

    Planner(Recipe recipe, Sources sources, long seed, List<String> notes) throws IOException {
        this(recipe, sources, seed, notes, new LinkedHashMap<>());
    }

    private Planner(Recipe recipe, Sources sources, long seed, List<String> notes, Map<String, Stage> stages)
            throws IOException {
        this.recipe = recipe;
        this.sources = sources;
        this.seed = seed;
        this.notes = notes;
        this.stages = stages;
        notes.addAll(recipe.notes());
        for (ModelReference reference : recipe.references()) {
            Ingredient found = ingredient(reference);
            Ingredient first = ingredients.isEmpty() ? found : ingredients.getFirst();
            Ingredient model = found.namedLike(first, notes);
            ingredients.add(TiedHead.completed(
                    model, first, sources.checkpoint(model.donor().model())));
        }
        CommonVocabulary vocabulary = CommonVocabulary.of(recipe, sources, ingredients, notes);
        this.tokens = vocabulary.tokens();
        ingredients.clear();
        ingredients.addAll(vocabulary.models());
    }

    private Ingredient ingredient(ModelReference reference) throws IOException {
        Optional<Recipe> stage = recipe.stage(reference);
        if (stage.isEmpty()) {
            return Ingredient.opened(sources, sources.indexOf(reference));
        }
        if (!stages.containsKey(reference.path())) {
            Planner planner = new Planner(stage.get(), sources, seed, notes, stages);
            List<TensorJob> made = planner.jobs();
            stages.put(reference.path(), new Stage(Ingredient.planned(reference, made, planner.donor()), made));
        }
        return stages.get(reference.path()).result();
    }

    List<TensorJob> jobs() throws CheckpointException {
        if (recipe.slices().isEmpty()) {
            Inventories.refuseDifferentNames(ingredients);
        }
        List<Recipe> parts = recipe.parts();
        for (int i = 0; i < parts.size(); i++) {
            new Part(parts.get(i), i == 0, i == parts.size() - 1).plan();
        }
        checkTogether();
        return List.copyOf(jobs.values());
    }

    private void checkTogether() {
        if (!recipe.method().needsWholeModels(recipe.semantics())) {
            return;
        }
        try {
            recipe.method()
                    .checkTogether(jobs.values().stream()
                            .filter(TensorJob.Merged.class::isInstance)
                            .map(job -> ((TensorJob.Merged) job).settings())
                            .toList());
        } catch (IllegalArgumentException e) {
            throw recipe.document().error(e.getMessage());
        }
    }

    /// The jobs of each stage, once all are planned: a stage after those that it needs.
    Map<String, List<TensorJob>> stages() {
        Map<String, List<TensorJob>> all = new LinkedHashMap<>();
        stages.forEach((name, stage) -> all.put(name, stage.jobs()));
        return Collections.unmodifiableMap(all);
    }

    /// Of the result, once its jobs are planned.
    Donor donor() {
        return ingredients
                .getFirst()
                .donor()
                .passedOn(recipe.slices().isEmpty() ? List.of() : layerOrigins, recipe.outDtype(), tokens);
    }

    /// One part of the recipe at work.
    private final class Part {

        private final Recipe part;
        private final boolean isFirst;
        private final boolean isLast;
        private final List<Recipe.Entry> merged;
        private final Optional<Participant> base;
        private final List<Participant> models = new ArrayList<>();
        private final int layers;
        private final List<String> drawNames;

        Part(Recipe part, boolean isFirst, boolean isLast) throws CheckpointException {
            this.part = part;
            this.isFirst = isFirst;
            this.isLast = isLast;
            this.merged = part.merged();
            for (Recipe.Entry entry : merged) {
                models.add(participant(entry));
            }
            this.base = part.mergesDifferences() ? Optional.of(baseParticipant()) : Optional.empty();
            this.layers = merged.getFirst()
                    .layers()
                    .map(LayerRange::length)
                    .orElseGet(() ->
                            TensorNames.layers(ingredients.getFirst().tensors().keySet()));
            this.drawNames = drawNames(merged);
        }

        private Participant baseParticipant() throws CheckpointException {
            for (Recipe.Entry entry : part.models()) {
                if (part.base().stream().anyMatch(entry.model()::equals)) {
                    return participant(entry);
                }
            }
            return new Participant(ingredients.getFirst(), 0);
        }

        private Participant participant(Recipe.Entry entry) throws CheckpointException {
            Ingredient model = ingredients.stream()
                    .filter(known -> known.reference().equals(entry.model()))
                    .findFirst()
                    .orElseThrow();
            int has = TensorNames.layers(model.tensors().keySet());
            Optional<LayerRange> range = entry.layers();
            if (range.isPresent() && range.get().end() > has) {
                throw new CheckpointException(
                        entry.place() + ": layers " + range.get() + " of " + entry.model() + ", which has " + has);
            }
            return new Participant(model, range.map(LayerRange::first).orElse(0));
        }

        void plan() throws CheckpointException {
            // The names come from whoever gives config and tokenizer, where that model takes part.
            Participant pattern = base.orElseGet(models::getFirst);
            int firstOutput = layerOrigins.size();
            for (int i = 0; i < layers; i++) {
                layerOrigins.add(pattern.firstLayer() + i);
            }
            for (String name : pattern.model().tensors().keySet()) {
                Optional<Integer> layer = TensorNames.layer(name).map(number -> number - pattern.firstLayer());
                if (layer.isPresent() && layer.get() >= 0 && layer.get() < layers) {
                    String output = TensorNames.inLayer(name, firstOutput + layer.get());
                    double depth = layers == 1 ? 1 : (double) layer.get() / (layers - 1);
                    jobs.put(output, job(name, layer, output, depth));
                } else if (layer.isEmpty() && (TensorNames.isInput(name) ? isFirst : isLast)) {
                    jobs.put(name, job(name, layer, name, 0));
                }
            }
        }

        private TensorJob job(String name, Optional<Integer> layer, String output, double depth)
                throws CheckpointException {
            List<Participant> everybody = new ArrayList<>();
            base.ifPresent(everybody::add);
            everybody.addAll(models);
            List<Ingredient.Part> tensors = new ArrayList<>();
            Map<String, Shape> shapes = new LinkedHashMap<>();
            for (Participant participant : everybody) {
                String wanted = layer.map(number -> TensorNames.inLayer(name, participant.firstLayer() + number))
                        .orElse(name);
                Ingredient.Part found = participant.model().tensors().get(wanted);
                if (found == null) {
                    return missing(tensors, wanted, participant, output);
                }
                tensors.add(found);
                shapes.put(
                        participant.model().reference().toString(), found.slot().shape());
            }
            Inventories.refuseDifferentShapes(output, shapes);
            Layout.Slot first = tensors.getFirst().slot();
            for (Ingredient.Part tensor : tensors) {
                Dtype dtype = tensor.slot().dtype();
                if (!dtype.isMergeable()) {
                    notes.add(output + ": no arithmetic with " + dtype + ", taken from "
                            + everybody.getFirst().model().reference() + " as it is");
                    return copied(tensors.getFirst(), output);
                }
            }
            List<TensorJob.Input> all =
                    tensors.stream().map(Ingredient.Part::input).toList();
            return new TensorJob.Merged(
                    new Layout.Slot(output, part.outDtype().orElse(first.dtype()), first.shape()),
                    part.method(),
                    base.map(_ -> all.getFirst()),
                    List.copyOf(all.subList(all.size() - models.size(), all.size())),
                    settings(output, depth));
        }

        /// A buffer that a model does without is taken from the first; anything else must be there.
        private TensorJob missing(List<Ingredient.Part> found, String wanted, Participant participant, String output)
                throws CheckpointException {
            if (!org.lewis.model.Slot.isBuffer(wanted) || found.isEmpty()) {
                throw new CheckpointException(participant.model().reference() + ": tensor " + wanted
                        + " is missing, which " + output + " needs");
            }
            return copied(found.getFirst(), output);
        }

        private TensorJob copied(Ingredient.Part part, String output) throws CheckpointException {
            return switch (part.input()) {
                case TensorJob.Source source ->
                    new TensorJob.Copied(
                            new Layout.Slot(
                                    output, part.slot().dtype(), part.slot().shape()),
                            source);
                case TensorJob.Stage stage -> stage.job().named(output);
                case TensorJob.Rows rows ->
                    throw new CheckpointException(
                            sources.owner(rows) + ": " + part.slot().name() + " is of dtype "
                                    + part.slot().dtype() + ", whose rows cannot follow another vocabulary");
            };
        }

        private Settings settings(String tensor, double depth) {
            Map<String, Double> merge = new TreeMap<>();
            List<Map<String, Double>> ofModels = new ArrayList<>();
            merged.forEach(_ -> ofModels.add(new TreeMap<>()));
            for (Parameter parameter : part.method().parameters()) {
                switch (parameter.scope()) {
                    case MERGE -> merge.put(parameter.name(), part.value(parameter, tensor, depth));
                    case MODEL -> {
                        for (int i = 0; i < merged.size(); i++) {
                            ofModels.get(i).put(parameter.name(), part.value(parameter, merged.get(i), tensor, depth));
                        }
                    }
                }
            }
            List<Long> drawKeys = drawNames.stream()
                    .map(model -> Draws.key(seed, tensor, model))
                    .toList();
            Settings settings = new Settings(tensor, part.semantics(), depth, merge, ofModels, drawKeys, Guides.NONE);
            try {
                part.method().check(settings);
            } catch (IllegalArgumentException e) {
                throw part.document().error(tensor + ": " + e.getMessage());
            }
            return settings;
        }
    }

    /// The names under which models draw: the last part of each path, numbered where two are alike, so that masks
    /// depend
    /// neither on the machine nor on the other models.
    private static List<String> drawNames(List<Recipe.Entry> models) {
        Map<String, Integer> seen = new HashMap<>();
        return models.stream()
                .map(entry -> entry.model().shortName())
                .map(name -> name + "#" + seen.merge(name, 1, Integer::sum))
                .toList();
    }
}
