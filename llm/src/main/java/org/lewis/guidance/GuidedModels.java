package org.lewis.guidance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.lewis.calibrate.CalibrationText;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.HubCache;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.dataset.NamedText;
import org.lewis.document.DocumentException;
import org.lewis.model.Decoder;
import org.lewis.plan.Sources;
import org.lewis.recipe.Guidance;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;

/// The models of a recipe with guidance, and their text.
///
/// @param base    whose names the merge has: the recipe's base, else its first model
/// @param tuned   the models that are merged
/// @param decoder description of each of them
record GuidedModels(Recipe recipe, Guidance guidance, ModelLocation base, List<ModelLocation> tuned, Decoder decoder) {

    /// @throws DocumentException   when guidance names models that are not merged, or needs a base
    /// @throws CheckpointException when models cannot be run, or are of different architectures
    static GuidedModels of(Recipe recipe) throws IOException {
        Guidance guidance = recipe.guidance().orElseThrow();
        List<ModelLocation> tuned = new ArrayList<>();
        for (Recipe.Entry entry : recipe.merged()) {
            tuned.add(Sources.locate(entry.model(), recipe));
        }
        if (recipe.base().isEmpty() && guidance.regression().isEmpty()) {
            throw new DocumentException(guidance.place(), "guidance needs a `base_model`");
        }
        ModelLocation base =
                recipe.base().isPresent() ? Sources.locate(recipe.base().get(), recipe) : tuned.getFirst();
        refuseUnknownModels(recipe, guidance);
        GuidedModels models =
                new GuidedModels(recipe, guidance, base, List.copyOf(tuned), LewisRun.describe(base, tuned));
        models.refuseMissingText();
        return models;
    }

    private static void refuseUnknownModels(Recipe recipe, Guidance guidance) {
        Set<String> named = new TreeSet<>(guidance.calibration().keySet());
        named.addAll(guidance.tokenIds().keySet());
        named.addAll(guidance.templates().keySet());
        named.remove(Guidance.EVERY_MODEL);
        recipe.merged().forEach(entry -> named.remove(entry.model().toString()));
        if (!named.isEmpty()) {
            throw new DocumentException(
                    guidance.place(),
                    "guidance names models that the recipe does not merge: " + String.join(", ", named));
        }
    }

    private void refuseMissingText() throws IOException {
        for (int model = 0; model < count(); model++) {
            String _ = file(model);
        }
        for (int model = 0; model < count(); model++) {
            TextSource _ = text(model);
        }
    }

    /// Refuses a model that is listed twice, since what is found out of one has but one place to go.
    void refuseTwins() {
        Set<ModelReference> seen = new HashSet<>();
        for (Recipe.Entry entry : recipe.merged()) {
            if (!seen.add(entry.model())) {
                throw new DocumentException(entry.place(), entry.model() + " is listed twice");
            }
        }
    }

    /// The base and the others.
    List<ModelLocation> all() {
        List<ModelLocation> all = new ArrayList<>(List.of(base));
        all.addAll(tuned);
        return all;
    }

    int count() {
        return tuned.size();
    }

    String name(int model) {
        return recipe.merged().get(model).model().toString();
    }

    /// A model's own text.
    ///
    /// @throws DocumentException when the recipe has none for it
    TextSource text(int model) throws IOException {
        NamedText text = locate(file(model));
        if (!guidance.tokenIds().isEmpty()) {
            return TextSource.ofIds(text.file());
        }
        TextSource.Cut cut = new TextSource.Cut(
                guidance.templateOf(name(model)).orElse(text.template()),
                guidance.samples(),
                guidance.seed(),
                guidance.maxLength());
        return TextSource.of(text.file(), cut, base.folder());
    }

    private String file(int model) {
        String name = name(model);
        return guidance.tokenIds().isEmpty()
                ? guidance.calibrationOf(name).orElseThrow(() -> noText("calibration", name))
                : guidance.tokenIdsOf(name).orElseThrow(() -> noText("token_ids", name));
    }

    /// Every model's text, cut into tokens by one tokenizer.
    ///
    /// @param runner the model that all of them are to run through
    List<CalibrationText> texts(ModelLocation runner) throws IOException {
        List<CalibrationText> texts = new ArrayList<>();
        for (int model = 0; model < count(); model++) {
            texts.add(text(model).of(runner));
        }
        return texts;
    }

    List<Decoder.Linear> linears() {
        return decoder.blocks().stream()
                .flatMap(block -> block.linears().stream())
                .toList();
    }

    private DocumentException noText(String key, String name) {
        return new DocumentException(guidance.place(), key + " has no file for \"" + name + "\"");
    }

    private NamedText locate(String name) throws IOException {
        return NamedText.find(name, recipe.folder(), HubCache.standard())
                .orElseThrow(() -> new CheckpointException(name
                        + ": no such file, neither in the working directory nor beside the recipe in "
                        + recipe.folder()));
    }
}
