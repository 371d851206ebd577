package org.lewis.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.document.Yaml;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;

/// Makes the merges of a comparison, each with a recipe in a file: the standard methods, and recipes that the user
/// gave.
final class Candidates {

    private final ComparisonOptions options;
    private final Path folder;

    private Candidates(ComparisonOptions options) {
        this.options = options;
        this.folder = options.output().resolve("recipes");
    }

    /// Writes the recipes of the standard methods into the output, and checks all recipes against their models.
    ///
    /// @throws IllegalArgumentException when text is missing that a method calibrates with, or two have one name
    /// @throws CheckpointException      when models do not fit together
    static List<Candidate> of(ComparisonOptions options) throws IOException {
        Candidates candidates = new Candidates(options);
        List<Candidate> all = new ArrayList<>();
        Files.createDirectories(candidates.folder);
        for (StandardMethod method : options.methods()) {
            all.add(candidates.standard(method));
        }
        for (Path file : options.recipes()) {
            all.add(own(file));
        }
        Set<String> names = new HashSet<>();
        for (Candidate candidate : all) {
            if (!names.add(candidate.name())) {
                throw new IllegalArgumentException(
                        "two of the merges are called " + candidate.name() + "; rename one of the recipes");
            }
            try (Sources sources = Sources.open(candidate.recipe())) {
                Plan.of(candidate.recipe(), sources, options.settings().seed());
            }
        }
        return List.copyOf(all);
    }

    /// Names of the models that calibration may run, base first.
    static List<String> calibrated(ComparisonOptions options) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        if (options.methods().stream().anyMatch(StandardMethod::needsCalibration)) {
            names.add(Candidate.BASE);
            options.fineTunes().forEach(fineTune -> names.add(fineTune.name()));
        }
        for (Path file : options.recipes()) {
            names.addAll(own(file).calibrated());
        }
        return List.copyOf(names);
    }

    private static Candidate own(Path file) throws IOException {
        return Candidate.of(file.getFileName().toString().replaceFirst("\\.ya?ml$", ""), Recipe.read(file));
    }

    private Candidate standard(StandardMethod method) throws IOException {
        Map<String, FineTune> fineTunes = new LinkedHashMap<>();
        Map<String, String> names = new LinkedHashMap<>();
        for (FineTune fineTune : options.fineTunes()) {
            if (method.needsCalibration() && fineTune.calibration().isEmpty()) {
                throw new IllegalArgumentException(method.key()
                        + " calibrates each fine-tune with text of its task, and " + fineTune.name() + " has none");
            }
            String inRecipe = inRecipe(fineTune.model());
            if (fineTunes.put(inRecipe, withTextInRecipe(fineTune)) != null) {
                throw new IllegalArgumentException(fineTune.model() + " is named twice");
            }
            names.put(inRecipe, names.containsValue(fineTune.name()) ? inRecipe : fineTune.name());
        }
        Path file = folder.resolve(method.key() + ".yaml");
        Files.writeString(file, Yaml.write(method.recipe(inRecipe(options.base()), fineTunes, options.settings())));
        return new Candidate(method.key(), Recipe.read(file), names);
    }

    /// A model as the recipes name it: folders count from the recipes' own, so that they stay right when models and
    /// output move together.
    private String inRecipe(ModelReference model) throws IOException {
        return new ModelReference(
                        fromRecipes(model.path()),
                        model.revision(),
                        model.adapter().isPresent()
                                ? Optional.of(fromRecipes(model.adapter().get()))
                                : Optional.empty())
                .toString();
    }

    private FineTune withTextInRecipe(FineTune fineTune) throws IOException {
        if (fineTune.calibration().isEmpty()) {
            return fineTune;
        }
        Path file = fineTune.calibration().get();
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file + ": no such file, which " + fineTune.name() + " is to calibrate with");
        }
        return fineTune.calibratedWith(folder.toRealPath().relativize(file.toRealPath()));
    }

    private String fromRecipes(String path) throws IOException {
        Path given = Path.of(path);
        return Files.isDirectory(given)
                ? folder.toRealPath().relativize(given.toRealPath()).toString()
                : path;
    }
}
