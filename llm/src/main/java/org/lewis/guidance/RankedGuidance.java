package org.lewis.guidance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.GramPass;
import org.lewis.calibrate.Pack;
import org.lewis.calibrate.PackCache;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.document.DocumentException;
import org.lewis.forward.Precision;
import org.lewis.merge.Guides;
import org.lewis.merge.Settings;
import org.lewis.model.Decoder;
import org.lewis.recipe.Guided;
import org.lewis.recipe.Hessian;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Ranking;
import org.lewis.recipe.Recipe;

/// Lets calibration choose which weights of task vectors stay.
///
/// @param recipe with densities where LEWIS has set them, and its guidance done
/// @param shares of each linear layer that stay
record RankedGuidance(GuidedModels models, LewisRun run, Recipe recipe, long seed, Shares shares) {

    /// Changes whenever what is found changes.
    private static final int VERSION = 1;

    static RankedGuidance of(GuidedModels models, LewisRun run, Recipe recipe, long seed) throws IOException {
        return new RankedGuidance(models, run, recipe, seed, shares(models, recipe, seed));
    }

    /// What LEWIS found, else what the block says, else the recipe's own densities.
    private static Shares shares(GuidedModels models, Recipe recipe, long seed) throws IOException {
        try (MergingModel jobs = MergingModel.open(recipe, seed)) {
            List<Map<String, Double>> shares = new ArrayList<>();
            for (int model = 0; model < models.count(); model++) {
                Map<String, Double> own = new LinkedHashMap<>();
                for (Decoder.Linear linear : models.linears()) {
                    own.put(linear.weight(), share(models, recipe, jobs, model, linear.weight()));
                }
                shares.add(own);
            }
            Shares found = new Shares(shares);
            boolean hasPattern = models.guidance().ranking() instanceof Ranking.SparseGpt(var _, var _, var correction)
                    && correction.flatMap(Ranking.Correction::pattern).isPresent();
            if (!found.prune() && !hasPattern) {
                throw new DocumentException(
                        models.guidance().place(),
                        "every density is 1, so nothing would be dropped; add `density` here or to the recipe's"
                                + " parameters");
            }
            return found;
        }
    }

    private static double share(GuidedModels models, Recipe recipe, MergingModel jobs, int model, String weight) {
        if (models.guidance().density().isPresent()) {
            return models.guidance().density().getAsDouble();
        }
        if (models.guidance().densities().isPresent()) {
            return recipe.densityOf(recipe.merged().get(model), weight);
        }
        Double own = jobs.job(weight).settings().models().get(model).get("density");
        return own == null ? 1 : own;
    }

    /// Scales from packs, as LEWIS uses them.
    ///
    /// @param sources of each model's pack
    Recipe wanda(Ranking.Wanda wanda, List<PackSource> sources) throws IOException {
        ScaleChoice choice = new ScaleChoice(wanda.within(), shares);
        for (int model = 0; model < models.count(); model++) {
            Pack pack = run.pack(sources.get(model));
            for (Decoder.Linear linear : models.linears()) {
                double[] squares = pack.of(linear.weight()).inputSquares();
                float[] norms = new float[squares.length];
                for (int i = 0; i < norms.length; i++) {
                    norms[i] = (float) Math.sqrt(squares[i]);
                }
                choice.put(model, linear, norms);
            }
        }
        return guided(shares, choice.guides(), Map.of());
    }

    Recipe sparseGpt(Ranking.SparseGpt ranking) throws IOException {
        Precision precision = precision();
        List<List<CalibrationText>> texts = texts(ranking.hessian());
        String key = key(ranking, precision, texts);
        if (ranking.correction().isEmpty()) {
            ScaleFile file = new ScaleFile(run.cache().folder().resolve(key + ".safetensors"));
            ScaleChoice choice = new ScaleChoice(ranking.within(), shares);
            if (file.read(models, choice)) {
                run.listener().reused("the recipe's models");
            } else {
                pass(ranking.hessian(), precision, texts, choice);
                file.write(models, choice).ifPresent(problem -> run.listener().problem("scales", problem));
            }
            return guided(shares, choice.guides(), Map.of());
        }
        return corrected(ranking, ranking.correction().get(), precision, texts, key);
    }

    private Recipe corrected(
            Ranking.SparseGpt ranking,
            Ranking.Correction settings,
            Precision precision,
            List<List<CalibrationText>> texts,
            String key)
            throws IOException {
        List<Path> targets = new ArrayList<>();
        Map<ModelReference, Path> overlays = new LinkedHashMap<>();
        for (int model = 0; model < models.count(); model++) {
            Path target = run.cache().folder().resolve(key + "-" + model + ".safetensors");
            targets.add(target);
            overlays.put(models.recipe().merged().get(model).model(), target);
        }
        Recipe pruned = guided(shares.whole(), Map.of(), overlays);
        if (targets.stream().allMatch(Files::isRegularFile)) {
            run.listener().reused("the recipe's models");
            return pruned;
        }
        Files.createDirectories(run.cache().folder());
        Recipe whole = guided(shares.whole(), Map.of(), Map.of());
        try (MergingModel merging = MergingModel.open(whole, seed);
                CorrectedChoice choice = new CorrectedChoice(
                        correction(settings, merging),
                        shares,
                        merging,
                        models.linears(),
                        targets,
                        Map.of("format", "lewis pruned task vectors " + VERSION, "key", key),
                        ranking.hessian().sequential())) {
            pass(ranking.hessian(), precision, texts, choice, merging);
            choice.publish();
        }
        return pruned;
    }

    private ErrorCorrection correction(Ranking.Correction settings, MergingModel merging) {
        Settings ofMerge = merging.job(models.linears().getFirst().weight()).settings();
        boolean rescale = settings.rescale().orElse(ofMerge.merge().getOrDefault("rescale", 0.0) == 1);
        return new ErrorCorrection(settings.blockSize(), settings.pattern(), rescale);
    }

    private void pass(Hessian hessian, Precision precision, List<List<CalibrationText>> texts, Choice choice)
            throws IOException {
        try (MergingModel merging = MergingModel.open(recipe, seed)) {
            pass(hessian, precision, texts, choice, merging);
        }
    }

    private void pass(
            Hessian hessian,
            Precision precision,
            List<List<CalibrationText>> texts,
            Choice choice,
            MergingModel merging)
            throws IOException {
        GramPass pass = new GramPass(precision, !hessian.sequential(), InverseHessian.WORKSPACE, run.resources());
        BiConsumer<Integer, String> notes = notes();
        if (hessian.from() == Hessian.From.MERGED) {
            Optional<MergingModel> decided = hessian.sequential() ? Optional.of(merging) : Optional.empty();
            SparseGptPass listener = new SparseGptPass(texts.getFirst(), 0, hessian.damping(), choice, decided, notes);
            pass.run(merging, models.decoder(), texts.getFirst(), listener, run.progress("the merge"));
            return;
        }
        for (int model = 0; model < models.count(); model++) {
            ModelLocation runner = runner(hessian.from(), model);
            SparseGptPass listener =
                    new SparseGptPass(texts.get(model), model, hessian.damping(), choice, Optional.empty(), notes);
            try (ReadableModel running = runner.open()) {
                pass.run(running, models.decoder(), texts.get(model), listener, run.progress(runner.toString()));
            }
        }
    }

    private ModelLocation runner(Hessian.From from, int model) {
        return from == Hessian.From.FINETUNED ? models.tuned().get(model) : models.base();
    }

    /// The texts of each pass.
    private List<List<CalibrationText>> texts(Hessian hessian) throws IOException {
        if (hessian.from() == Hessian.From.MERGED) {
            return List.of(models.texts(models.base()));
        }
        List<List<CalibrationText>> texts = new ArrayList<>();
        for (int model = 0; model < models.count(); model++) {
            texts.add(List.of(models.text(model).of(runner(hessian.from(), model))));
        }
        return texts;
    }

    private Precision precision() throws IOException {
        if (run.precision().isPresent()) {
            return run.precision().get();
        }
        try (ReadableModel base = models.base().open()) {
            return Precision.of(base);
        }
    }

    /// Says each thing once for each model.
    private BiConsumer<Integer, String> notes() {
        Set<String> said = new LinkedHashSet<>();
        return (model, note) -> {
            String kind = note.replaceAll("\\d+", "").replaceAll(" of \\S+:", "");
            if (said.add(model + kind)) {
                run.listener().problem(models.name(model), note);
            }
        };
    }

    private String key(Ranking.SparseGpt ranking, Precision precision, List<List<CalibrationText>> texts)
            throws IOException {
        Map<String, Object> identity = new TreeMap<>();
        identity.put("version", VERSION);
        identity.put("ranking", ranking.toString());
        identity.put("precision", precision.key());
        identity.put("shares", shares.byModel());
        identity.put(
                "texts",
                texts.stream()
                        .flatMap(List::stream)
                        .map(CalibrationText::idsHash)
                        .toList());
        Map<String, Object> document =
                new TreeMap<>(Map.of("recipe", recipe.document().plain(), "seed", seed));
        identity.put("merge", document);
        return PackCache.key(identity, models.all());
    }

    private Recipe guided(Shares densities, Map<String, Guides> scales, Map<ModelReference, Path> overlays) {
        Map<String, Guides> byTensor = new LinkedHashMap<>(recipe.guided().byTensor());
        scales.forEach((weight, guides) -> byTensor.put(
                weight, new Guides(guides.scales(), recipe.guided().of(weight).relaxation())));
        return recipe.withDensitiesOfSome(densities.byModel()).guided(new Guided(byTensor, overlays));
    }
}
