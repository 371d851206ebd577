package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Safetensors;
import org.lewis.document.Json;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.Shape;
import org.lewis.tensor.Tensor;

/// The memory of a merge that is nearly all of it vocabularies, as a dry run foretells it and as the process has it.
@EnabledOnOs(OS.LINUX)
class UnionMemoryIT {

    private static final int TOKENS = 96_000;
    private static final int WIDTH = 4;
    private static final Pattern FORETOLD = Pattern.compile("about (\\d+) MB of memory");
    private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");

    @TempDir
    Path folder;

    @Test
    void aDryRunCountsTheTokensOfAUnion() throws Exception {
        writeModel("one", 1);
        writeModel("other", 2);
        Files.writeString(
                folder.resolve("union.yaml"),
                "merge_method: linear\nmodels: [{model: one}, {model: other}]\nparameters: {weight: 1}\n"
                        + "tokenizer_source: union\n");
        Cli.Result plan = new Launcher(folder).lewis("merge", "union.yaml", "--dry-run");
        Matcher foretold = FORETOLD.matcher(plan.out());
        assertThat(foretold.find()).as(plan.toString()).isTrue();
        long foretoldBytes = Long.parseLong(foretold.group(1)) * 1_000_000;

        // Measured: 0.8 of it; 1.8 of it were tokens not counted. The garbage that a JVM keeps depends on the machine.
        assertThat((double) peak("merge", "union.yaml", "-o", "merged") / foretoldBytes)
                .isCloseTo(1, within(0.5));
    }

    /// Bytes, as the process itself has them before its end.
    private long peak(String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(Launcher.COMMAND.toString()));
        command.addAll(List.of(args));
        Process process = new Launcher(folder)
                .process(command.toArray(String[]::new))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        long peak = 0;
        while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
            try {
                Matcher found = PEAK.matcher(Files.readString(status));
                peak = found.find() ? Math.max(peak, Long.parseLong(found.group(1)) * 1024) : peak;
            } catch (IOException e) {
                break; // it has just ended
            }
        }
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("log")))
                .isZero();
        return peak;
    }

    private void writeModel(String name, int seed) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"none\", \"vocab_size\": " + TOKENS + "}");
        Files.writeString(model.resolve("tokenizer.json"), Json.compact(tokenizer(seed)));
        try (Arena arena = Arena.ofConfined()) {
            Shape shape = Shape.of(TOKENS, WIDTH);
            Safetensors.write(
                    model.resolve("model.safetensors"),
                    List.of(new Tensor(
                            "model.embed_tokens.weight",
                            Dtype.F32,
                            shape,
                            arena.allocate(Dtype.F32.bytes(shape.elements()), 4))),
                    Map.of());
        }
    }

    /// Byte-pair encoding whose tokens are random words, each made of two that came before.
    private static Map<String, Object> tokenizer(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Object> ids = new LinkedHashMap<>();
        List<String> words = new ArrayList<>();
        List<List<String>> merges = new ArrayList<>();
        for (char letter = 'a'; letter <= 'z'; letter++) {
            ids.put("" + letter, words.size());
            words.add("" + letter);
        }
        while (words.size() < TOKENS) {
            String left = words.get(random.nextInt(words.size()));
            String right = words.get(random.nextInt(Math.min(words.size(), 1000)));
            if (left.length() + right.length() <= 10 && ids.putIfAbsent(left + right, words.size()) == null) {
                words.add(left + right);
                merges.add(List.of(left, right));
            }
        }
        return Map.of("added_tokens", List.of(), "model", Map.of("type", "BPE", "vocab", ids, "merges", merges));
    }
}
