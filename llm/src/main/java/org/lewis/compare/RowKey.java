package org.lewis.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.lewis.checkpoint.HubCache;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.Sha256;
import org.lewis.dataset.DataSet;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.evaluate.Task;
import org.lewis.guidance.LewisRun;
import org.lewis.plan.Sources;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;

/// What decides the numbers of a row, as a hash: an earlier row of equal key need not be computed again. Models are
/// known by path, size and time of change of their files, texts by their contents.
final class RowKey {

    /// Changes whenever rows are computed in another way.
    private static final int VERSION = 3;

    private final List<Object> evaluation = new ArrayList<>();
    private final Map<String, Path> packs;

    /// @param options and run say how every row is evaluated
    RowKey(ComparisonOptions options, LewisRun run) throws IOException {
        this.packs = run.packs();
        evaluation.add(VERSION);
        evaluation.add(options.limit());
        evaluation.add(run.precision().map(Enum::name).orElse(""));
        evaluation.add(run.resources().device().name());
        for (Task task : Stream.concat(Examiner.predictions(options).stream(), options.tasks().stream())
                .toList()) {
            evaluation.add(task.toString());
            evaluation.add(hashes(task.data(), task.folder()));
            if (task.fewShot().source().isPresent()) {
                evaluation.add(hashes(task.fewShot().source().get(), task.folder()));
            }
        }
    }

    String ofParent(ModelLocation model) throws IOException {
        return hash(List.of(evaluation, model.fingerprint()));
    }

    String ofMerge(Candidate candidate, long seed) throws IOException {
        Recipe recipe = candidate.recipe();
        List<Object> all =
                new ArrayList<>(List.of(evaluation, seed, recipe.document().plain()));
        for (ModelReference model : recipe.inputs()) {
            all.add(Sources.locate(model, recipe).fingerprint());
        }
        Optional<Node> guidance = recipe.document().find("guidance");
        if (guidance.isPresent()) {
            for (String file : texts(guidance.get().plain())) {
                for (Path path : List.of(Path.of(file), recipe.folder().resolve(file))) {
                    if (Files.isRegularFile(path)) {
                        all.add(hash(path));
                        break;
                    }
                }
            }
        }
        for (Map.Entry<String, Path> pack : candidate.packs(packs).entrySet()) {
            all.add(List.of(pack.getKey(), hash(pack.getValue())));
        }
        return hash(all);
    }

    /// Everything in the block that may be the name of a file.
    private static List<String> texts(Object plain) {
        return switch (plain) {
            case Map<?, ?> mapping ->
                mapping.values().stream()
                        .flatMap(value -> texts(value).stream())
                        .toList();
            case List<?> list ->
                list.stream().flatMap(value -> texts(value).stream()).toList();
            case String text when text.indexOf('\0') < 0 -> List.of(text);
            case null, default -> List.of();
        };
    }

    private static List<String> hashes(DataSet data, Path beside) throws IOException {
        List<String> hashes = new ArrayList<>();
        for (Path file : data.files(beside, HubCache.standard())) {
            hashes.add(hash(file));
        }
        return hashes;
    }

    private static String hash(Path file) throws IOException {
        return Sha256.of(target -> Files.copy(file, target));
    }

    private static String hash(List<Object> parts) {
        return Sha256.of(Json.compact(parts).getBytes(StandardCharsets.UTF_8));
    }
}
