package org.lewis.guidance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.GramPass;
import org.lewis.calibrate.InputGroups;
import org.lewis.calibrate.PackCache;
import org.lewis.calibrate.PackInfo;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.checkpoint.Safetensors;
import org.lewis.forward.Precision;
import org.lewis.model.Decoder;
import org.lewis.recipe.Guided;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;
import org.lewis.recipe.Regression;

/// Solves for a recipe's linear layers by RegMean, into a file that takes the place of every model's own.
record RegressionGuidance(GuidedModels models, LewisRun run, long seed) {

    private static final int VERSION = 1;

    /// Matrices of the inputs' size at a time: a model's, the sum, and its factor.
    private static final int MATRICES = 3;

    Recipe guide(Recipe recipe) throws IOException {
        Regression regression = models.guidance().regression().orElseThrow();
        Precision precision = precision();
        List<CalibrationText> texts = new ArrayList<>();
        for (int model = 0; model < models.count(); model++) {
            ModelLocation runner =
                    regression.sequential() ? models.base() : models.tuned().get(model);
            texts.add(models.text(model).of(runner));
        }
        Path target = run.cache().folder().resolve(key(regression, precision, texts) + ".safetensors");
        if (Files.isRegularFile(target)) {
            run.listener().reused("the recipe's models");
        } else {
            Files.createDirectories(run.cache().folder());
            solve(recipe, regression, precision, texts, target);
        }
        Map<ModelReference, Path> overlays = new LinkedHashMap<>();
        recipe.merged().forEach(entry -> overlays.put(entry.model(), target));
        return recipe.guided(new Guided(recipe.guided().byTensor(), overlays));
    }

    private void solve(
            Recipe recipe, Regression regression, Precision precision, List<CalibrationText> texts, Path target)
            throws IOException {
        try (MergingModel merging = MergingModel.open(recipe, seed);
                SolvedLayers solved = SolvedLayers.create(regression.alpha(), models, merging, texts, target)) {
            if (regression.sequential()) {
                new GramPass(precision, false, MATRICES, run.resources())
                        .run(merging, models.decoder(), texts, solved, run.progress("the merge"));
            } else {
                withPacks(precision, texts, solved);
            }
            solved.publish();
        }
    }

    /// Each model's Gram matrices go to a file first, since the solution needs all models' at once.
    private void withPacks(Precision precision, List<CalibrationText> texts, SolvedLayers solved) throws IOException {
        List<Path> packs = new ArrayList<>();
        try {
            for (int model = 0; model < models.count(); model++) {
                Path pack = Files.createTempFile(run.cache().folder(), "grams", ".safetensors");
                packs.add(pack);
                new Calibration(precision, 0, PackInfo.Gram.FULL, run.resources())
                        .run(
                                models.tuned().get(model),
                                texts.get(model),
                                pack,
                                run.progress(models.tuned().get(model).toString()));
            }
            solveFrom(packs, solved);
        } finally {
            for (Path pack : packs) {
                Files.deleteIfExists(pack);
            }
        }
    }

    private void solveFrom(List<Path> packs, SolvedLayers solved) throws IOException {
        List<Safetensors> stored = new ArrayList<>();
        try {
            for (Path pack : packs) {
                stored.add(Safetensors.open(pack));
            }
            for (Decoder.Block block : models.decoder().blocks()) {
                solved.enter(0);
                for (List<Decoder.Linear> group :
                        InputGroups.stages(block).stream().flatMap(List::stream).toList()) {
                    String name = group.getFirst().weight() + ".gram";
                    for (int model = 0; model < packs.size(); model++) {
                        try (PointerScope _ = new PointerScope()) {
                            solved.add(
                                    model,
                                    group,
                                    Matrices.weight(stored.get(model).tensors().get(name)));
                        }
                    }
                }
            }
        } finally {
            stored.forEach(Safetensors::close);
        }
    }

    private Precision precision() throws IOException {
        if (run.precision().isPresent()) {
            return run.precision().get();
        }
        try (ReadableModel base = models.base().open()) {
            return Precision.of(base);
        }
    }

    private String key(Regression regression, Precision precision, List<CalibrationText> texts) throws IOException {
        Map<String, Object> identity = new LinkedHashMap<>();
        identity.put("version", VERSION);
        identity.put("regression", regression.toString());
        identity.put("precision", precision.key());
        identity.put("recipe", models.recipe().document().plain());
        identity.put("texts", texts.stream().map(CalibrationText::idsHash).toList());
        return PackCache.key(identity, models.all());
    }
}
