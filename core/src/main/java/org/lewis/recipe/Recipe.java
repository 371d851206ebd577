package org.lewis.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.document.Place;
import org.lewis.merge.Method;
import org.lewis.merge.Parameter;
import org.lewis.merge.Semantics;
import org.lewis.tensor.Dtype;

/// What the user asked for: a merge in mergekit's schema, parsed and checked as far as it can be without the models.
///
/// @param folder    where relative paths are looked up when the working directory does not have them
/// @param base      the model that task vectors are taken from
/// @param models    all listed models, the base among them if it is listed; empty for a recipe of slices
/// @param slices    the output's layers from the first to the last, each slice a recipe for some of them; empty for a
///                  recipe of whole models
/// @param modules   for models of several, how each is merged; empty for a recipe of models or slices
/// @param stages    the recipes whose results are among the models, by name; for the last one of a file those that
///                  nothing uses, too
/// @param outDtype  `out_dtype`, else `dtype`; empty keeps each tensor's own
/// @param tokenizer the vocabulary of the output; empty for that of the base, or of the first model
/// @param chatTemplate of the output; empty for the one that comes with the tokenizer
/// @param guidance  what calibration has still to do
/// @param guided    what it has found
/// @param notes     what is legal but has no effect
/// @param missingTensors what becomes of tensors that some models do not have
/// @param document  the part of the file that is this recipe
/// @param text      the whole file as it was written
public record Recipe(
        Path folder,
        Method method,
        Optional<ModelReference> base,
        List<Entry> models,
        List<Recipe> slices,
        List<Module> modules,
        Map<String, Recipe> stages,
        Parameters parameters,
        Optional<Dtype> outDtype,
        Optional<TokenizerChoice> tokenizer,
        Optional<ChatTemplate> chatTemplate,
        Semantics semantics,
        MissingTensors missingTensors,
        Optional<Guidance> guidance,
        Guided guided,
        List<String> notes,
        Node document,
        String text) {

    /// A listed model.
    ///
    /// @param layers of a slice; empty for the whole model
    public record Entry(ModelReference model, Optional<LayerRange> layers, Parameters parameters, Place place) {

        Entry overriding(String parameter, Map<String, Double> byTensor) {
            Parameters first = Parameters.NONE.with(parameter, new ParameterValue.OfSome(Map.copyOf(byTensor)));
            return new Entry(model, layers, first.orElse(parameters), place);
        }
    }

    /// @throws org.lewis.document.DocumentException when the recipe cannot be right
    public static Recipe read(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        return parse(file.toString(), Json.utf8(file), folder);
    }

    /// @param folder where relative model paths are looked up
    public static Recipe parse(String name, String yaml, Path folder) {
        return Stages.read(name, yaml, folder);
    }

    void refuseWrongNumber(Node listed) {
        boolean copies = only().isPresent() && guidance.isEmpty();
        if (!copies && !method.demands().allows(merged().size())) {
            throw listed.expected(method.demands().inWords());
        }
    }

    /// The recipes that the output is made of, one after the other: the slices, or this one alone.
    public List<Recipe> parts() {
        return slices.isEmpty() ? List.of(this) : slices;
    }

    /// Every model that is read from a folder, each once: as [#references], in place of a stage those that it reads,
    /// and last the one that only gives its tokenizer.
    public List<ModelReference> inputs() {
        Set<ModelReference> inputs = new LinkedHashSet<>();
        for (ModelReference reference : references()) {
            stage(reference).ifPresentOrElse(stage -> inputs.addAll(stage.inputs()), () -> inputs.add(reference));
        }
        tokenizer
                .flatMap(TokenizerChoice::model)
                .filter(model -> stage(model).isEmpty())
                .ifPresent(inputs::add);
        return List.copyOf(inputs);
    }

    /// Every stage that has to be merged before, by name: those that another needs before it.
    public Map<String, Recipe> allStages() {
        Map<String, Recipe> all = new LinkedHashMap<>();
        stages.forEach((name, stage) -> {
            all.putAll(stage.allStages());
            all.put(name, stage);
        });
        return all;
    }

    /// The recipe whose result a reference means, if it is no model of its own.
    public Optional<Recipe> stage(ModelReference reference) {
        return Optional.ofNullable(stages.get(reference.path()));
    }

    /// Every model that is merged, each once: the base first, then the others in the order of the recipe.
    public List<ModelReference> references() {
        Set<ModelReference> references = new LinkedHashSet<>();
        base.ifPresent(references::add);
        List<Recipe> ofModules = modules.stream().map(Module::recipe).toList();
        for (Recipe whole : modules.isEmpty() ? List.of(this) : ofModules) {
            for (Recipe part : whole.parts()) {
                part.base().ifPresent(references::add);
                part.merged().forEach(entry -> references.add(entry.model()));
            }
        }
        return List.copyOf(references);
    }

    /// The models that the method merges: all that are listed, but for a base that they are compared to; a base that
    /// is one of them comes first.
    public List<Entry> merged() {
        return Roles.merged(this);
    }

    /// Whether the models are merged by their differences to the base.
    public boolean mergesDifferences() {
        return Roles.mergesDifferences(this);
    }

    /// The only model that is listed, where the method has nothing to merge it with: it is taken as it is.
    public Optional<Entry> only() {
        return Roles.only(this);
    }

    /// The same recipe with densities per tensor in place of those it gave; all other tensors are kept whole.
    ///
    /// @param densities  for each of [#merged], by tensor name
    /// @param forWeights whether the densities are the models' weights too
    public Recipe withDensities(List<Map<String, Double>> densities, boolean forWeights) {
        List<Entry> merged = merged();
        List<Entry> changed = new ArrayList<>();
        for (Entry entry : models) {
            int index = merged.indexOf(entry);
            if (index < 0) {
                changed.add(entry);
                continue;
            }
            ParameterValue values = new ParameterValue.ByTensor(Map.copyOf(densities.get(index)), 1);
            Parameters own = entry.parameters().with("density", values);
            changed.add(new Entry(
                    entry.model(), entry.layers(), forWeights ? own.with("weight", values) : own, entry.place()));
        }
        return of(changed);
    }

    /// What [#withDensities] has set for a tensor of a model, whether the method has a use for it or not.
    public double densityOf(Entry entry, String tensor) {
        return entry.parameters().values().get("density").at(tensor, 0).orElseThrow();
    }

    /// The same recipe with other densities for some tensors, where the method has any.
    ///
    /// @param densities for each of [#merged], by tensor name
    public Recipe withDensitiesOfSome(List<Map<String, Double>> densities) {
        boolean hasDensities = method.parameters().stream()
                .anyMatch(parameter -> parameter.name().equals("density"));
        if (!hasDensities) {
            return this;
        }
        List<Entry> merged = merged();
        List<Entry> changed = new ArrayList<>();
        for (Entry entry : models) {
            int index = merged.indexOf(entry);
            changed.add(index < 0 ? entry : entry.overriding("density", densities.get(index)));
        }
        return of(changed);
    }

    /// The same recipe with what calibration has found, which is done with that.
    public Recipe guided(Guided found) {
        return with(base, models, slices, modules, stages, parameters, Optional.empty(), found, notes, text);
    }

    Recipe withBase(ModelReference other) {
        return with(Optional.of(other), models, slices, modules, stages, parameters, guidance, guided, notes, text);
    }

    Recipe of(List<Entry> entries) {
        return with(base, entries, slices, modules, stages, parameters, guidance, guided, notes, text);
    }

    Recipe ofSlices(List<Recipe> parts) {
        return with(base, models, parts, modules, stages, parameters, guidance, guided, notes, text);
    }

    Recipe ofModules(List<Module> all) {
        return with(base, models, slices, all, stages, parameters, guidance, guided, notes, text);
    }

    Recipe withStages(Map<String, Recipe> used) {
        return with(base, models, slices, modules, used, parameters, guidance, guided, notes, text);
    }

    Recipe withParameters(Parameters others) {
        return with(base, models, slices, modules, stages, others, guidance, guided, notes, text);
    }

    Recipe noting(List<String> all) {
        return with(base, models, slices, modules, stages, parameters, guidance, guided, all, text);
    }

    Recipe withText(String own) {
        return with(base, models, slices, modules, stages, parameters, guidance, guided, notes, own);
    }

    private Recipe with(
            Optional<ModelReference> origin,
            List<Entry> entries,
            List<Recipe> parts,
            List<Module> ofModules,
            Map<String, Recipe> used,
            Parameters values,
            Optional<Guidance> open,
            Guided found,
            List<String> all,
            String whole) {
        return new Recipe(
                folder,
                method,
                origin,
                List.copyOf(entries),
                List.copyOf(parts),
                List.copyOf(ofModules),
                Collections.unmodifiableMap(new LinkedHashMap<>(used)),
                values,
                outDtype,
                tokenizer,
                chatTemplate,
                semantics,
                missingTensors,
                open,
                found,
                List.copyOf(all),
                document,
                whole);
    }

    /// The value of a parameter of scope MERGE for one tensor.
    ///
    /// @param depth 0 for the first layer, 1 for the last, 0 for tensors outside the layers
    public double value(Parameter parameter, String tensor, double depth) {
        return parameters.at(parameter, tensor, depth).orElseGet(() -> standard(parameter, document.place(), tensor));
    }

    /// The value of a parameter of scope MODEL: the model's own, else the recipe's, else the default.
    public double value(Parameter parameter, Entry entry, String tensor, double depth) {
        OptionalDouble own = entry.parameters().at(parameter, tensor, depth);
        if (own.isPresent()) {
            return own.getAsDouble();
        }
        return parameters.at(parameter, tensor, depth).orElseGet(() -> standard(parameter, entry.place(), tensor));
    }

    private double standard(Parameter parameter, Place place, String tensor) {
        return parameter
                .standard()
                .orElseThrow(() -> new DocumentException(
                        place,
                        "`" + parameter.name() + "` is missing, which " + method.name() + " needs for " + tensor
                                + "; set it under " + parameter.scope().where()));
    }
}
