package org.lewis.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lewis.checkpoint.Layout;
import org.lewis.merge.Parameter;

/// A plan as plain maps and lists, ready to be written as JSON. Models are named as the recipe names them.
public final class PlanDocument {

    private final Plan plan;
    private final Sources sources;

    private PlanDocument(Plan plan, Sources sources) {
        this.plan = plan;
        this.sources = sources;
    }

    public static Map<String, Object> of(Plan plan, Sources sources) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("method", plan.method().name());
        document.put("seed", plan.seed());
        List<String> models = new ArrayList<>();
        for (int model = 0; model < sources.count(); model++) {
            models.add(sources.reference(model).toString());
        }
        document.put("models", models);
        document.put("config_from", models.get(plan.donor().model()));
        document.put("bytes_read", Reads.bytes(plan, sources));
        document.put("bytes_written", plan.layout().bytes());
        document.put(
                "shards",
                plan.layout().shards().stream()
                        .map(shard -> Map.of("file", shard.file(), "bytes", shard.bytes()))
                        .toList());
        PlanDocument writer = new PlanDocument(plan, sources);
        document.put("tensors", plan.jobs().stream().map(writer::tensor).toList());
        document.put("notes", plan.notes());
        return document;
    }

    private Map<String, Object> tensor(TensorJob job) {
        Layout.Position position = plan.layout().positions().get(job.slot().name());
        Map<String, Object> tensor = made(job);
        tensor.put("file", position.file());
        tensor.put("offset", position.offset());
        return tensor;
    }

    private Map<String, Object> made(TensorJob job) {
        Map<String, Object> made = slot(job.slot());
        switch (job) {
            case TensorJob.Copied copied -> made.put("copied", input(copied.source()));
            case TensorJob.Merged merged -> {
                List<Parameter> declared = merged.method().parameters();
                made.put("method", merged.method().name());
                made.put("semantics", merged.settings().semantics().name().toLowerCase(Locale.ROOT));
                made.put("depth", merged.settings().depth());
                made.put("parameters", values(merged.settings().merge(), declared));
                merged.base().ifPresent(base -> made.put("base", input(base)));
                List<Object> models = new ArrayList<>();
                for (int i = 0; i < merged.models().size(); i++) {
                    Map<String, Object> model = input(merged.models().get(i));
                    model.put("parameters", values(merged.settings().models().get(i), declared));
                    models.add(model);
                }
                made.put("models", models);
            }
        }
        return made;
    }

    private Map<String, Object> input(TensorJob.Input input) {
        Map<String, Object> entry = new LinkedHashMap<>();
        switch (input) {
            case TensorJob.Source source -> {
                entry.put("model", sources.owner(source));
                entry.put("tensor", source.tensor());
            }
            case TensorJob.Stage stage -> {
                entry.put("stage", stage.name());
                entry.put("made", made(stage.job()));
            }
            case TensorJob.Rows rows -> {
                entry.put("rows_of", input(rows.tables().get(rows.model())));
                entry.put("made", slot(rows.slot()));
            }
        }
        return entry;
    }

    private static Map<String, Object> slot(Layout.Slot slot) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", slot.name());
        entry.put("dtype", slot.dtype().name());
        entry.put("shape", slot.shape().dimensions());
        return entry;
    }

    /// Flags as true and false.
    private static Map<String, Object> values(Map<String, Double> numbers, List<Parameter> declared) {
        Map<String, Object> values = new TreeMap<>(numbers);
        for (Parameter parameter : declared) {
            if (parameter.kind() == Parameter.Kind.FLAG) {
                values.computeIfPresent(parameter.name(), (_, number) -> number.equals(1.0));
            }
        }
        return values;
    }
}
