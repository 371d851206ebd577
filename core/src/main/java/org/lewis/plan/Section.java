package org.lewis.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Layout;
import org.lewis.kernel.Draws;
import org.lewis.merge.Method;
import org.lewis.merge.Parameter;
import org.lewis.merge.Relaxed;
import org.lewis.merge.Settings;
import org.lewis.model.Slot;
import org.lewis.model.TensorNames;
import org.lewis.recipe.LayerRange;
import org.lewis.recipe.MissingTensors;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// Turns a recipe of models or slices into jobs, part by part and layer by layer: for whole models, or for one
/// module of each.
final class Section {

    /// A model in one part of the recipe.
    ///
    /// @param firstLayer which of its layers is the part's first
    private record Participant(Ingredient model, int firstLayer) {

        /// What a tensor of the part is called in this model.
        ///
        /// @param layer of the part; empty outside the layers
        String named(String tensor, Optional<Integer> layer) {
            return layer.map(number -> TensorNames.inLayer(tensor, firstLayer + number))
                    .orElse(tensor);
        }
    }

    private final Recipe recipe;
    private final List<Ingredient> ingredients;
    private final Sources sources;
    private final long seed;
    private final List<String> notes;
    private final Map<String, TensorJob> jobs = new TreeMap<>();
    private final List<Integer> layerOrigins = new ArrayList<>();
    /// By model, the tensors that it lacks and others have.
    private final Map<String, Set<String>> missing = new LinkedHashMap<>();

    /// @param ingredients with the tensors that the section is about, the model that gives the config first
    Section(Recipe recipe, List<Ingredient> ingredients, Sources sources, long seed, List<String> notes) {
        this.recipe = recipe;
        this.ingredients = ingredients;
        this.sources = sources;
        this.seed = seed;
        this.notes = notes;
    }

    Map<String, TensorJob> jobs() throws CheckpointException {
        List<Recipe> parts = recipe.parts();
        for (int i = 0; i < parts.size(); i++) {
            new Part(parts.get(i), i == 0, i == parts.size() - 1).plan();
        }
        Inventories.refuseMissing(missing);
        return jobs;
    }

    /// For each layer of the output, the layer of the first model that it stands for, once the jobs are planned.
    List<Integer> layerOrigins() {
        return layerOrigins;
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
            this.merged = part.only().map(List::of).orElseGet(part::merged);
            for (Recipe.Entry entry : merged) {
                models.add(participant(entry));
            }
            this.base = part.mergesDifferences() ? Optional.of(baseParticipant()) : Optional.empty();
            this.layers = merged.getFirst()
                    .layers()
                    .map(LayerRange::length)
                    .orElseGet(() -> everybody().stream()
                            .mapToInt(participant -> TensorNames.layers(
                                    participant.model().tensors().keySet()))
                            .max()
                            .orElse(0));
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
            for (String name : names(pattern)) {
                Optional<Integer> layer = TensorNames.layer(name).map(number -> number - pattern.firstLayer());
                if (layer.isPresent() && layer.get() >= 0 && layer.get() < layers) {
                    String output = TensorNames.inLayer(name, firstOutput + layer.get());
                    double depth = layers == 1 ? 1 : (double) layer.get() / (layers - 1);
                    job(name, layer, output, depth).ifPresent(job -> jobs.put(output, job));
                } else if (layer.isEmpty() && (TensorNames.isInput(name) ? isFirst : isLast)) {
                    job(name, layer, name, 0).ifPresent(job -> jobs.put(name, job));
                }
            }
        }

        private List<Participant> everybody() {
            List<Participant> everybody = new ArrayList<>();
            base.ifPresent(everybody::add);
            everybody.addAll(models);
            return everybody;
        }

        /// The tensors of all models in the part, with the numbers that their layers have in the pattern.
        private Set<String> names(Participant pattern) {
            Set<String> names = new TreeSet<>(pattern.model().tensors().keySet());
            for (Participant other : everybody()) {
                int shift = pattern.firstLayer() - other.firstLayer();
                other.model().tensors().keySet().stream()
                        .filter(name -> !Slot.isBuffer(name))
                        .filter(name -> TensorNames.layer(name).stream().allMatch(layer -> isInside(layer, other)))
                        .map(name -> TensorNames.layer(name)
                                .map(layer -> TensorNames.inLayer(name, layer + shift))
                                .orElse(name))
                        .forEach(names::add);
            }
            return names;
        }

        private boolean isInside(int layer, Participant participant) {
            return layer >= participant.firstLayer() && layer < participant.firstLayer() + layers;
        }

        /// @return empty for a tensor that is left out, or whose absence is noted
        private Optional<TensorJob> job(String name, Optional<Integer> layer, String output, double depth)
                throws CheckpointException {
            List<Participant> everybody = everybody();
            List<Ingredient.Part> tensors = new ArrayList<>();
            Map<String, Shape> shapes = new LinkedHashMap<>();
            for (Participant participant : everybody) {
                String wanted = participant.named(name, layer);
                Ingredient.Part found = participant.model().tensors().get(wanted);
                if (found != null) {
                    tensors.add(found);
                    shapes.put(
                            participant.model().reference().toString(),
                            found.slot().shape());
                } else if (!Slot.isBuffer(wanted) && part.missingTensors() == MissingTensors.REFUSE) {
                    missing.computeIfAbsent(participant.model().reference().toString(), _ -> new TreeSet<>())
                            .add(wanted);
                }
            }
            if (tensors.size() < everybody.size()) {
                return incomplete(tensors, name, output);
            }
            if (part.only().isPresent()) {
                return Optional.of(Untouched.job(tensors.getFirst(), output, part.outDtype(), sources));
            }
            Inventories.refuseDifferentShapes(output, shapes);
            Layout.Slot first = tensors.getFirst().slot();
            for (Ingredient.Part tensor : tensors) {
                Dtype dtype = tensor.slot().dtype();
                if (!dtype.isMergeable()) {
                    notes.add(output + ": no arithmetic with " + dtype + ", taken from "
                            + everybody.getFirst().model().reference() + " as it is");
                    return Optional.of(Untouched.copied(tensors.getFirst(), output, sources));
                }
            }
            List<TensorJob.Input> all =
                    tensors.stream().map(Ingredient.Part::input).toList();
            return Optional.of(new TensorJob.Merged(
                    new Layout.Slot(output, part.outDtype().orElse(first.dtype()), first.shape()),
                    method(output),
                    base.map(_ -> all.getFirst()),
                    List.copyOf(all.subList(all.size() - models.size(), all.size())),
                    settings(
                            output,
                            models.stream()
                                    .map(model -> model.named(name, layer))
                                    .toList(),
                            depth)));
        }

        /// A tensor that some models lack. A buffer is taken from the first that has it, anything else as the recipe
        /// says.
        private Optional<TensorJob> incomplete(List<Ingredient.Part> found, String name, String output)
                throws CheckpointException {
            if (Slot.isBuffer(name)) {
                return Optional.of(Untouched.copied(found.getFirst(), output, sources));
            }
            return switch (part.missingTensors()) {
                case REFUSE, DROP -> Optional.empty();
                case KEEP -> Optional.of(Untouched.job(found.getFirst(), output, part.outDtype(), sources));
            };
        }

        private Method method(String tensor) {
            return part.guided().of(tensor).relaxation().isPresent() ? new Relaxed(part.method()) : part.method();
        }

        /// @param names of the tensor in each model, which their own parameters are filtered by
        private Settings settings(String tensor, List<String> names, double depth) {
            Map<String, Double> merge = new TreeMap<>();
            List<Map<String, Double>> ofModels = new ArrayList<>();
            merged.forEach(_ -> ofModels.add(new TreeMap<>()));
            for (Parameter parameter : part.method().parameters()) {
                switch (parameter.scope()) {
                    case MERGE -> merge.put(parameter.name(), part.value(parameter, tensor, depth));
                    case MODEL -> {
                        for (int i = 0; i < merged.size(); i++) {
                            double value = part.value(parameter, merged.get(i), names.get(i), depth);
                            ofModels.get(i).put(parameter.name(), value);
                        }
                    }
                }
            }
            List<Long> drawKeys = drawNames.stream()
                    .map(model -> Draws.key(seed, tensor, model))
                    .toList();
            Settings settings = new Settings(
                    tensor,
                    part.semantics(),
                    depth,
                    merge,
                    ofModels,
                    drawKeys,
                    part.guided().of(tensor));
            try {
                part.method().check(settings);
            } catch (IllegalArgumentException e) {
                throw part.document().error(tensor + ": " + e.getMessage());
            }
            return settings;
        }
    }

    /// The names under which models draw: the last part of each path, numbered where two are alike, so that masks
    /// depend neither on the machine nor on the other models.
    private static List<String> drawNames(List<Recipe.Entry> models) {
        Map<String, Integer> seen = new HashMap<>();
        return models.stream()
                .map(entry -> entry.model().shortName())
                .map(name -> name + "#" + seen.merge(name, 1, Integer::sum))
                .toList();
    }
}
