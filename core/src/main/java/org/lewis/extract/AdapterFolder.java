package org.lewis.extract;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.CheckpointWriter;
import org.lewis.checkpoint.Folders;
import org.lewis.checkpoint.Layout;
import org.lewis.checkpoint.SafetensorsWriter;
import org.lewis.document.Json;
import org.lewis.document.Yaml;
import org.lewis.kernel.Conversion;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;

/// A LoRA adapter as PEFT reads it: config, weights, and a card. It appears as a whole or not at all.
///
/// @param baseName   what it says its base is
/// @param factors    by module
/// @param saved      what replaces tensors of the base
/// @param transposed whether weights are stored `[in, out]`
record AdapterFolder(String baseName, List<Factors> factors, SavedTensors saved, boolean transposed) {

    private static final String PREFIX = "base_model.model.";

    static void refuseOccupied(Path output) throws IOException {
        if (Folders.isOccupied(output)) {
            throw new CheckpointException(output + ": is not empty; choose another folder");
        }
    }

    void write(Extraction.Report report) throws IOException {
        Path part = CheckpointWriter.partOf(report.output());
        Folders.delete(part);
        Files.createDirectories(part);
        try {
            writeWeights(part.resolve("adapter_model.safetensors"));
            Files.writeString(part.resolve("adapter_config.json"), Json.pretty(config()));
            Files.writeString(part.resolve("README.md"), card(report));
            refuseOccupied(report.output());
            Files.deleteIfExists(report.output());
            Files.move(part, report.output().toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(part);
        }
    }

    private void writeWeights(Path file) throws IOException {
        Map<String, Layout.Slot> slots = new TreeMap<>();
        Map<String, MemorySegment> bytes = new TreeMap<>();
        for (Factors one : factors) {
            String at = PREFIX + one.fit().module();
            put(at + ".lora_A.weight", Shape.of(one.rank(), one.in()), one.down(), slots, bytes);
            put(at + ".lora_B.weight", Shape.of(one.out(), one.rank()), one.up(), slots, bytes);
        }
        saved.tensors().forEach((name, tensor) -> {
            slots.put(PREFIX + name, new Layout.Slot(PREFIX + name, tensor.dtype(), tensor.shape()));
            bytes.put(PREFIX + name, tensor.bytes());
        });
        try (SafetensorsWriter writer =
                SafetensorsWriter.open(file, new ArrayList<>(slots.values()), Map.of("format", "pt"))) {
            for (Map.Entry<String, MemorySegment> tensor : bytes.entrySet()) {
                writer.write(tensor.getKey(), 0, tensor.getValue());
            }
            writer.publish();
        }
    }

    private static void put(
            String name,
            Shape shape,
            float[] values,
            Map<String, Layout.Slot> slots,
            Map<String, MemorySegment> bytes) {
        slots.put(name, new Layout.Slot(name, Dtype.F32, shape));
        MemorySegment segment = MemorySegment.ofArray(new byte[values.length * Float.BYTES]);
        Conversion.toFloat32(values, values.length, segment, 0);
        bytes.put(name, segment);
    }

    private Map<String, Object> config() {
        int rank = factors.stream().mapToInt(Factors::rank).max().orElse(1);
        Map<String, Object> ranks = new TreeMap<>();
        factors.stream()
                .filter(one -> one.rank() != rank)
                .forEach(one -> ranks.put(one.fit().module(), one.rank()));
        Set<String> targets = new TreeSet<>();
        factors.forEach(one -> targets.add(one.fit().module()));
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("peft_type", "LORA");
        config.put("task_type", "CAUSAL_LM");
        config.put("base_model_name_or_path", baseName);
        config.put("r", rank);
        // As large as the rank, module by module, so that the product counts once.
        config.put("lora_alpha", rank);
        config.put("rank_pattern", ranks);
        config.put("alpha_pattern", ranks);
        config.put("target_modules", List.copyOf(targets));
        config.put("modules_to_save", saved.modules().isEmpty() ? null : saved.modules());
        // With "lora_only" PEFT loads biases all the same, and loses them when it saves the adapter again.
        config.put("bias", saved.biases() ? "all" : "none");
        config.put("fan_in_fan_out", transposed);
        config.put("lora_dropout", 0.0);
        config.put("use_rslora", false);
        config.put("use_dora", false);
        config.put("init_lora_weights", true);
        config.put("inference_mode", true);
        return config;
    }

    private String card(Extraction.Report report) {
        Map<String, Object> front = new LinkedHashMap<>();
        front.put("base_model", baseName);
        front.put("library_name", "peft");
        front.put("tags", List.of("lora", "lewis"));
        StringBuilder rows = new StringBuilder();
        for (Fit fit : report.fits()) {
            rows.append(String.format(Locale.ROOT, "| `%s` | %d | %.6f |\n", fit.module(), fit.rank(), fit.error()));
        }
        return """
            ---
            %s---
            # LoRA adapter

            Extracted by Lewis from a fine-tune of `%s`: the largest singular values of each linear's difference. Of all
            differences together the adapter misses %.6f, as a share of their Frobenius norm.

            Saved whole: %s.

            | module | rank | error |
            |---|---|---|
            %s\
            """.formatted(
                        Yaml.write(front),
                        baseName,
                        report.error(),
                        report.whole().isEmpty() ? "nothing" : "`" + String.join("`, `", report.whole()) + "`",
                        rows);
    }
}
