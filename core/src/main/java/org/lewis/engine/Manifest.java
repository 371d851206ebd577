package org.lewis.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.lewis.checkpoint.Sha256;
import org.lewis.document.Json;
import org.lewis.merge.ColumnFactors;
import org.lewis.merge.ColumnScales;
import org.lewis.merge.Guides;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.plan.TensorJob;
import org.lewis.recipe.Recipe;
import org.lewis.vocabulary.Vocabulary;

/// `lewis-manifest.json`: everything that decided the bytes of a merged model, and a checksum of each tensor. It names
/// no time and no machine, so that equal merges have equal manifests.
final class Manifest {

    static final String FILE = "lewis-manifest.json";

    private Manifest() {}

    /// The part that is known before the merge.
    static Map<String, Object> before(Recipe recipe, Plan plan, Sources sources, boolean hashInputs)
            throws IOException {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("lewis_version", Version.CURRENT);
        manifest.put("method", plan.method().name());
        manifest.put("seed", plan.seed());
        manifest.put("recipe", recipe.document().plain());
        if (!recipe.stages().isEmpty()) {
            Map<String, Object> stages = new TreeMap<>();
            recipe.allStages()
                    .forEach((name, stage) -> stages.put(name, stage.document().plain()));
            manifest.put("stages", stages);
        }
        List<Object> inputs = new ArrayList<>();
        for (int model = 0; model < sources.count(); model++) {
            inputs.add(input(sources.reference(model).toString(), sources.headers(model), hashInputs));
        }
        manifest.put("inputs", inputs);
        Optional<Integer> rows = plan.donor().tokens().rows();
        if (rows.isPresent()) {
            manifest.put("vocabulary", vocabulary(plan, rows.get()));
        }
        Map<String, Object> resolved = new TreeMap<>();
        for (TensorJob job : plan.jobs()) {
            resolved.put(job.slot().name(), describe(job));
        }
        manifest.put("resolved", resolved);
        return manifest;
    }

    /// A hash of all that decides the bytes of the result: to the manifest come the layout and the times at which the
    /// inputs were last changed.
    static String key(Map<String, Object> manifest, Plan plan, Sources sources) throws IOException {
        List<Object> key = new ArrayList<>();
        key.add(manifest);
        plan.layout().shards().forEach(shard -> key.add(List.of(shard.file(), shard.bytes())));
        for (int model = 0; model < sources.count(); model++) {
            for (Path file : sources.checkpoint(model).headers().keySet()) {
                key.add(Files.getLastModifiedTime(file).toString());
            }
        }
        return Sha256.of(Json.compact(key).getBytes(StandardCharsets.UTF_8));
    }

    /// The whole, once every tensor has its checksum.
    static String complete(Map<String, Object> before, Map<String, String> checksums) {
        Map<String, Object> manifest = new LinkedHashMap<>(before);
        manifest.put("crc32", new TreeMap<>(checksums));
        return Json.pretty(manifest);
    }

    private static Map<String, Object> describe(TensorJob job) {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("dtype", job.slot().dtype().name());
        switch (job) {
            case TensorJob.Merged merged -> {
                description.put("parameters", merged.settings().merge());
                description.put("models", merged.settings().models());
                if (!merged.settings().guides().equals(Guides.NONE)) {
                    description.put("guides", describe(merged.settings().guides()));
                }
                Map<String, Object> stages = new TreeMap<>();
                List<String> rows = new ArrayList<>();
                Stream.concat(merged.base().stream(), merged.models().stream())
                        .forEach(input -> describe(input, stages, rows));
                if (!rows.isEmpty()) {
                    description.put("rows_sha256", rows);
                }
                if (!stages.isEmpty()) {
                    description.put("stages", stages);
                }
            }
            case TensorJob.Copied _ -> description.put("copied", true);
        }
        return description;
    }

    /// @return the rows of the tables; of a vocabulary that is no model's own, also its tokens and a hash of its file
    private static Map<String, Object> vocabulary(Plan plan, int rows) throws IOException {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("rows", rows);
        Optional<Vocabulary> changed = plan.donor().tokens().changed();
        if (changed.isPresent()) {
            description.put("tokens", changed.get().ids().size());
            description.put("tokenizer_sha256", Sha256.of(changed.get()::write));
        }
        return description;
    }

    private static void describe(TensorJob.Input input, Map<String, Object> stages, List<String> rows) {
        switch (input) {
            case TensorJob.Source _ -> {}
            case TensorJob.Stage(String name, TensorJob.Merged made) -> stages.put(name, describe(made));
            case TensorJob.Rows gathered -> {
                rows.add(Sha256.of(gathered.origins().bytes()));
                gathered.tables().forEach(table -> describe(table, stages, rows));
            }
        }
    }

    private static Map<String, Object> describe(Guides guides) {
        Map<String, Object> description = new LinkedHashMap<>();
        List<Object> scales = new ArrayList<>();
        for (Optional<ColumnScales> of : guides.scales()) {
            scales.add(of.<Object>map(own -> List.of(own.density(), own.within().name(), hash(own.columns())))
                    .orElse(""));
        }
        if (!scales.isEmpty()) {
            description.put("scales", scales);
        }
        guides.relaxation().ifPresent(factors -> description.put("relaxation", hash(factors)));
        return description;
    }

    private static String hash(ColumnFactors columns) {
        float[] factors = columns.factors();
        ByteBuffer bytes = ByteBuffer.allocate(factors.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(factors);
        return Sha256.of(bytes.array());
    }

    private static Map<String, Object> input(String reference, Map<Path, byte[]> headers, boolean whole)
            throws IOException {
        List<Object> files = new ArrayList<>();
        for (Map.Entry<Path, byte[]> header : headers.entrySet()) {
            Path file = header.getKey();
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("file", file.getFileName().toString());
            entry.put("bytes", Files.size(file));
            entry.put("header_sha256", Sha256.of(header.getValue()));
            if (whole) {
                entry.put("sha256", Sha256.of(target -> Files.copy(file, target)));
            }
            files.add(entry);
        }
        Map<String, Object> input = new LinkedHashMap<>();
        input.put("model", reference);
        input.put("files", files);
        return input;
    }
}
