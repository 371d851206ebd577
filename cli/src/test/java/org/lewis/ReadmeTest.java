package org.lewis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lewis.checkpoint.Checkpoint;

/// Compiles and runs the Java of the README, in a folder that has the examples.
class ReadmeTest {

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)\n```java\n(.*?)\n```\n");

    /// Where the names in the blocks come from.
    private static final String FRAME = """
        import java.nio.file.*;
        import java.util.*;
        import org.lewis.engine.*;
        import org.lewis.guidance.*;
        import org.lewis.recipe.*;

        class %s {
            public static void main(String[] args) throws Exception {
        %s
            }
        }
        """;

    @TempDir
    Path folder;

    @Test
    void theReadmeShowsTheTwoCallsOfTheLibrary() throws IOException {
        assertThat(blocks()).hasSize(2).allMatch(block -> block.lines().count() <= 10);
    }

    @Test
    void aRecipeIsMerged() throws Exception {
        assertThat(run("Merging", blocks().get(0))).matches("merged: \\d+ tensors\n");
        try (Checkpoint merged = Checkpoint.open(folder.resolve("merged"))) {
            assertThat(merged.tensors()).isNotEmpty();
        }
    }

    @Test
    void importanceIsComputed() throws Exception {
        assertThat(run("Guiding", blocks().get(1))).matches("the first q_proj keeps 0\\.[3-8]\\d*\n");
    }

    private static List<String> blocks() throws IOException {
        return JAVA_BLOCK
                .matcher(Files.readString(HOME.resolve("README.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    private String run(String name, String block) throws Exception {
        Path examples = Files.createSymbolicLink(folder.resolve("examples"), HOME.resolve("examples"));
        compile(Files.writeString(folder.resolve(name + ".java"), FRAME.formatted(name, block)));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                folder + System.getProperty("path.separator") + System.getProperty("java.class.path"),
                name));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment()
                .putAll(Map.of("LEWIS_CACHE", folder.resolve("cache").toString(), "OMP_WAIT_POLICY", "passive"));
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        Files.delete(examples);
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        return Files.readString(out).replace(System.lineSeparator(), "\n");
    }

    private static void compile(Path source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            problems,
                            files,
                            null,
                            List.of("-proc:none", "-cp", System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled).as(problems.toString()).isTrue();
        }
    }
}
