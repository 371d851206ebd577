package org.lewis.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.DocumentException;
import org.lewis.document.Nearest;
import org.lewis.document.Node;
import org.lewis.merge.Method;
import org.lewis.model.Modules;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Module;
import org.lewis.recipe.Recipe;

/// Turns a recipe and the inventories of its models into jobs, one per tensor of the output: stage by stage, module by
/// module.
final class Planner {

    private record Stage(Ingredient result, List<TensorJob> jobs) {}

    private final Recipe recipe;
    private final Sources sources;
    private final long seed;
    private final List<String> notes;
    /// Those that are planned already, by name, each after those it needs; shared by the planners of all stages.
    private final Map<String, Stage> stages;

    private final List<Ingredient> ingredients = new ArrayList<>();
    private final Map<String, TensorJob> jobs = new TreeMap<>();
    /// For each module whose layers are not where they were, where they come from.
    private final Map<String, List<Integer>> layers = new TreeMap<>();

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

    List<TensorJob> jobs() throws IOException {
        Map<String, Set<String>> known = modules();
        if (recipe.modules().isEmpty()) {
            refuseSlicesOfModules(known);
            plan(Modules.WHOLE, recipe, ingredients);
        } else {
            planModules(known);
        }
        checkTogether();
        return List.copyOf(jobs.values());
    }

    private void plan(String module, Recipe part, List<Ingredient> models) throws CheckpointException {
        Section section = new Section(part, models, sources, seed, notes);
        jobs.putAll(section.jobs());
        if (!part.slices().isEmpty()) {
            layers.put(module, section.layerOrigins());
        }
    }

    /// The tensors of each module of the first model.
    private Map<String, Set<String>> modules() throws IOException {
        Ingredient first = ingredients.getFirst();
        Checkpoint donor = sources.checkpoint(first.donor().model());
        return Files.exists(donor.folder().resolve("config.json"))
                ? Modules.of(donor.config(), first.tensors().keySet())
                : Map.of(Modules.WHOLE, first.tensors().keySet());
    }

    private void refuseSlicesOfModules(Map<String, Set<String>> known) {
        if (!recipe.slices().isEmpty() && known.size() > 1) {
            throw recipe.document()
                    .get("slices")
                    .error(ingredients.getFirst().reference() + " has the modules " + String.join(", ", known.keySet())
                            + ", each with layers of its own; put `slices` under `modules`");
        }
    }

    private void planModules(Map<String, Set<String>> known) throws IOException {
        for (Module module : recipe.modules()) {
            if (!known.containsKey(module.name())) {
                throw new DocumentException(
                        module.place(),
                        ingredients.getFirst().reference() + " has no module \"" + module.name() + "\""
                                + Nearest.suggestion(module.name(), known.keySet()));
            }
        }
        for (Map.Entry<String, Set<String>> entry : known.entrySet()) {
            Optional<Module> module = recipe.modules().stream()
                    .filter(one -> one.name().equals(entry.getKey()))
                    .findFirst();
            if (module.isPresent()) {
                plan(entry.getKey(), module.get().recipe(), restricted(entry.getKey()));
            } else {
                Ingredient first = ingredients.getFirst();
                notes.add("module " + entry.getKey() + ": the recipe leaves it out, taken from " + first.reference());
                for (String name : entry.getValue()) {
                    jobs.put(name, Untouched.job(first.tensors().get(name), name, recipe.outDtype(), sources));
                }
            }
        }
    }

    /// The models with the tensors of one module.
    private List<Ingredient> restricted(String module) throws IOException {
        Node config = sources.checkpoint(ingredients.getFirst().donor().model()).config();
        List<Ingredient> restricted = new ArrayList<>();
        for (Ingredient model : ingredients) {
            Map<String, Ingredient.Part> tensors = new TreeMap<>(model.tensors());
            tensors.keySet()
                    .retainAll(Modules.of(config, model.tensors().keySet()).getOrDefault(module, Set.of()));
            restricted.add(model.with(tensors));
        }
        return restricted;
    }

    private void checkTogether() {
        Method method = recipe.method();
        try {
            method.checkTogether(TensorJob.knowingWholeModels(List.copyOf(jobs.values())).stream()
                    .map(TensorJob.Merged::settings)
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
        return ingredients.getFirst().donor().passedOn(layers, recipe.outDtype(), tokens);
    }
}
