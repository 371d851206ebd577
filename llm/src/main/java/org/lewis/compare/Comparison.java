package org.lewis.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Folders;
import org.lewis.checkpoint.ModelFinder;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.engine.Merge;
import org.lewis.engine.MergedModel;
import org.lewis.engine.Options;
import org.lewis.evaluate.Sandbox;
import org.lewis.guidance.GuidedRecipe;
import org.lewis.guidance.LewisRun;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;

/// Merges the same fine-tunes in several ways and evaluates what comes out, beside the models that went in.
public final class Comparison {

    /// What came out.
    ///
    /// @param rows base, fine-tunes and merges, in the order they were asked for
    /// @param best the best merge; empty when all failed
    /// @param kept folders of merges that stay, by the names of their rows
    public record Result(List<ScoredRow> rows, Criterion criterion, Optional<ScoredRow> best, Map<String, Path> kept) {

        public Result {
            rows = List.copyOf(rows);
            kept = Map.copyOf(kept);
        }

        /// Whether every merge was made and evaluated.
        public boolean isWhole() {
            return rows.stream().noneMatch(row -> row.failure().isPresent());
        }
    }

    /// Hears what happens.
    public interface Listener {

        Listener NONE = new Listener() {};

        /// A row's work begins.
        default void begins(String row) {}

        /// Samples of a text or task are done.
        default void evaluated(String row, String task, int samples, int ofSamples) {}

        /// A row is finished, well or badly, or taken from an earlier comparison.
        default void finished(ScoredRow row) {}

        /// What else the user should know.
        default void note(String note) {}
    }

    private final ComparisonOptions options;
    private final Criterion criterion;
    private final LewisRun run;
    private final Examiner examiner;
    private final Listener listener;
    private final ComparisonFile file;
    private final RowKey keys;
    private final Map<String, ScoredRow> earlier;
    private final Map<String, GuidedRecipe> guided = new LinkedHashMap<>();
    private final List<ScoredRow> rows = new ArrayList<>();
    private final Map<String, Path> kept = new LinkedHashMap<>();

    private Comparison(ComparisonOptions options, LewisRun run, Optional<Sandbox> sandbox, Listener listener)
            throws IOException {
        this.options = options;
        this.criterion = Criterion.of(options);
        this.run = run;
        this.examiner = new Examiner(options, run, sandbox);
        this.listener = listener;
        this.file = ComparisonFile.in(options.output());
        this.keys = new RowKey(options, run);
        this.earlier = options.resume() ? file.finished() : Map.of();
    }

    /// Runs to the end; a merge that fails leaves the others alone. After each row, `comparison_results.json` in the
    /// output holds all that is known.
    ///
    /// @param run     what models compute in and on, and where statistics are kept; with packs by [#calibrated]
    /// @param sandbox where generated code runs; tasks that need one are refused without
    /// @throws IllegalArgumentException when options do not fit together
    /// @throws CheckpointException when models do not fit together, or the output is occupied
    public static Result run(ComparisonOptions options, LewisRun run, Optional<Sandbox> sandbox, Listener listener)
            throws IOException {
        refuseForeign(options.output());
        refuseMissing(run.packs().values());
        Files.createDirectories(options.output());
        Comparison comparison = new Comparison(options, run, sandbox, listener);
        comparison.write(false); // the folder is a comparison's from now on
        List<Candidate> candidates = Candidates.of(options);
        comparison.parents();
        for (Candidate candidate : candidates) {
            comparison.merge(candidate);
        }
        return comparison.finish(candidates);
    }

    /// Names of the models that calibration may run, base first, by which packs are given: `base`, those of the
    /// fine-tunes, and in recipes of the user's own the last parts of the models' paths.
    public static List<String> calibrated(ComparisonOptions options) throws IOException {
        return Candidates.calibrated(options);
    }

    private static void refuseMissing(Collection<Path> packs) throws IOException {
        for (Path pack : packs) {
            if (!Files.isRegularFile(pack)) {
                throw new CheckpointException(pack + ": no such file");
            }
        }
    }

    private static void refuseForeign(Path output) throws IOException {
        if (Folders.isOccupied(output) && !Files.exists(output.resolve(ComparisonFile.NAME))) {
            throw new CheckpointException(output + ": is not empty, and not of a comparison; choose another folder");
        }
    }

    private void parents() throws IOException {
        ModelFinder finder = ModelFinder.standard();
        parent(Candidate.BASE, ScoredRow.Kind.BASE, locate(finder, options.base()));
        for (FineTune fineTune : options.fineTunes()) {
            parent(fineTune.name(), ScoredRow.Kind.FINE_TUNE, locate(finder, fineTune.model()));
        }
    }

    private static ModelLocation locate(ModelFinder finder, ModelReference model) throws IOException {
        return finder.locate(model.path(), model.revision(), model.adapter());
    }

    /// A parent that cannot be evaluated is no reason to go on: neither could what is merged from it.
    private void parent(String name, ScoredRow.Kind kind, ModelLocation location) throws IOException {
        String key = keys.ofParent(location);
        if (reuse(name, kind, key)) {
            return;
        }
        listener.begins(name);
        try (ReadableModel model = location.open()) {
            long start = System.nanoTime();
            List<ScoredRow.Scores> scores = examine(model, name);
            add(new ScoredRow(
                    name,
                    kind,
                    key,
                    Double.NaN,
                    scores,
                    Map.of(),
                    new ScoredRow.Seconds(0, 0, secondsSince(start)),
                    Optional.empty(),
                    false));
        }
    }

    private void merge(Candidate candidate) throws IOException {
        String key = keys.ofMerge(candidate, options.settings().seed());
        if (reuse(candidate.name(), ScoredRow.Kind.MERGE, key)) {
            return;
        }
        listener.begins(candidate.name());
        try {
            add(made(candidate, key));
        } catch (IOException | RuntimeException e) {
            add(new ScoredRow(
                    candidate.name(),
                    ScoredRow.Kind.MERGE,
                    key,
                    Double.NaN,
                    List.of(),
                    Map.of(),
                    new ScoredRow.Seconds(0, 0, 0),
                    Optional.of(e.getMessage() == null ? e.toString() : e.getMessage()),
                    false));
        }
    }

    private ScoredRow made(Candidate candidate, String key) throws IOException {
        long start = System.nanoTime();
        GuidedRecipe guided = guided(candidate);
        double calibration = secondsSince(start);
        start = System.nanoTime();
        try (Made made = make(candidate.name(), guided.recipe())) {
            double merge = secondsSince(start);
            start = System.nanoTime();
            List<ScoredRow.Scores> scores = examine(made.model(), candidate.name());
            return new ScoredRow(
                    candidate.name(),
                    ScoredRow.Kind.MERGE,
                    key,
                    made.kept(),
                    scores,
                    candidate.layers(guided),
                    new ScoredRow.Seconds(calibration, merge, secondsSince(start)),
                    Optional.empty(),
                    false);
        }
    }

    private GuidedRecipe guided(Candidate candidate) throws IOException {
        GuidedRecipe found = guided.get(candidate.name());
        if (found == null) {
            Recipe recipe = candidate.recipe();
            found = recipe.guidance().isPresent()
                    ? GuidedRecipe.of(
                            recipe,
                            run.withPacks(candidate.packs(run.packs())),
                            options.settings().seed())
                    : new GuidedRecipe(recipe, Map.of());
            guided.put(candidate.name(), found);
        }
        return found;
    }

    /// In memory where it may stay there, else in a folder.
    private Made make(String name, Recipe recipe) throws IOException {
        MergedModel merged = MergedModel.open(recipe, options.settings().seed());
        double share;
        long bytes;
        try {
            merged.plan().notes().forEach(listener::note);
            share = KeptShare.of(merged, recipe);
            bytes = HeldModel.bytes(merged);
        } catch (Throwable e) {
            merged.close();
            throw e;
        }
        if (options.keep() != Keep.ALL && bytes <= options.memory()) {
            return new Made(HeldModel.of(merged), share, Optional.empty());
        }
        merged.close();
        if (options.keep() == Keep.ALL) {
            return new Made(ModelLocation.of(write(name, recipe)).open(), share, Optional.empty());
        }
        Path temporary = Files.createTempDirectory(options.output(), ".candidate-");
        listener.note(String.format(
                "%s takes %,d bytes, more than the %,d of --memory; it is written to %s while it is evaluated",
                name, bytes, options.memory(), temporary));
        Merge.run(recipe, temporary, options.settings().seed(), Options.standard(), (_, _, _) -> {});
        return new Made(ModelLocation.of(temporary).open(), share, Optional.of(temporary));
    }

    /// Puts a merged model where kept ones stay.
    private Path write(String name, Recipe recipe) throws IOException {
        Path target = options.output().resolve("models").resolve(name);
        Options replacing = new Options(Runtime.getRuntime().availableProcessors(), false, true, false, false);
        Merge.run(recipe, target, options.settings().seed(), replacing, (_, _, _) -> {})
                .warnings()
                .forEach(warning -> listener.note(name + ": " + warning));
        kept.put(name, target);
        return target;
    }

    private List<ScoredRow.Scores> examine(ReadableModel model, String name) throws IOException {
        return examiner.examine(model, (task, samples, of) -> listener.evaluated(name, task, samples, of));
    }

    /// A model that is to be kept and no longer there is made again; the numbers stay.
    private boolean reuse(String name, ScoredRow.Kind kind, String key) throws IOException {
        ScoredRow found = earlier.get(key);
        if (found == null || found.kind() != kind || !found.name().equals(name)) {
            return false;
        }
        add(found);
        return true;
    }

    private void add(ScoredRow row) throws IOException {
        rows.add(row);
        listener.finished(row);
        write(false);
    }

    private void write(boolean finished) throws IOException {
        Map<String, ScoredRow> unvisited = new LinkedHashMap<>(finished ? Map.of() : earlier);
        rows.forEach(row -> unvisited.remove(row.key()));
        file.write(options, criterion, rows, kept, unvisited.values());
    }

    /// Keeps what is to be kept, and nothing else of an earlier comparison.
    private Result finish(List<Candidate> candidates) throws IOException {
        Optional<ScoredRow> best = criterion.best(rows);
        for (Candidate candidate : candidates) {
            Path target = options.output().resolve("models").resolve(candidate.name());
            ScoredRow row = rows.stream()
                    .filter(each ->
                            each.kind() == ScoredRow.Kind.MERGE && each.name().equals(candidate.name()))
                    .findFirst()
                    .orElseThrow();
            boolean stays = row.failure().isEmpty()
                    && (options.keep() == Keep.ALL || options.keep() == Keep.BEST && best.equals(Optional.of(row)));
            if (!stays) {
                Folders.delete(target);
            } else if (row.reused() && Files.isDirectory(target)) {
                kept.put(row.name(), target);
            } else if (!kept.containsKey(row.name())) {
                write(candidate.name(), guided(candidate).recipe());
            }
        }
        write(true);
        return new Result(rows, criterion, best, kept);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
