package org.lewis.compare;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.lewis.evaluate.Task;
import org.lewis.recipe.ModelReference;

/// What to compare, and where results go.
///
/// @param methods   standard methods, in the order of the table
/// @param recipes   files of recipes of the user's own, compared after them
/// @param texts     to be predicted
/// @param tasks     to be scored; with the texts at least one
/// @param limit     at most so many rows of a text or task
/// @param bestBy    the criterion by name: see [Criterion]
/// @param output    the folder of results, recipes and kept models
/// @param memory    most bytes that the weights of a merged model take in memory; a larger one is written to
///                  a temporary folder in the output while it is evaluated
/// @param resume    whether results of an earlier comparison in this folder are taken where nothing changed
public record ComparisonOptions(
        ModelReference base,
        List<FineTune> fineTunes,
        List<StandardMethod> methods,
        List<Path> recipes,
        MethodSettings settings,
        List<TestText> texts,
        List<Task> tasks,
        int limit,
        Keep keep,
        Optional<String> bestBy,
        Path output,
        long memory,
        boolean resume) {

    /// Half of what a small machine has.
    public static final long STANDARD_MEMORY = 4L << 30;

    public ComparisonOptions {
        fineTunes = List.copyOf(fineTunes);
        methods = List.copyOf(methods);
        recipes = List.copyOf(recipes);
        texts = List.copyOf(texts);
        tasks = List.copyOf(tasks);
        if (fineTunes.isEmpty()) {
            throw new IllegalArgumentException("a comparison needs at least one fine-tune");
        }
        if (texts.isEmpty() && tasks.isEmpty()) {
            throw new IllegalArgumentException("a comparison needs at least one text or task");
        }
        if (limit < 1) {
            throw new IllegalArgumentException("the limit must be at least 1, found " + limit);
        }
        Set<String> names = new HashSet<>();
        Stream.concat(texts.stream().map(TestText::name), tasks.stream().map(Task::name))
                .filter(name -> !names.add(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("two tests or tasks are called \"" + name
                            + "\", so their scores could not be told apart; give one another name: --test NAME=FILE");
                });
    }

    /// All default methods with standard settings, texts as they are, and the best model kept.
    public static ComparisonOptions standard(
            ModelReference base, List<FineTune> fineTunes, List<TestText> texts, Path output) {
        return new ComparisonOptions(
                base,
                fineTunes,
                StandardMethod.DEFAULTS,
                List.of(),
                MethodSettings.STANDARD,
                texts,
                List.of(),
                Integer.MAX_VALUE,
                Keep.BEST,
                Optional.empty(),
                output,
                STANDARD_MEMORY,
                true);
    }
}
