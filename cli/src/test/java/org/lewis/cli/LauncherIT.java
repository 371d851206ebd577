package org.lewis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Runs `./lewis` as a user does, on the layout that this build has just made.
@DisabledOnOs(OS.WINDOWS)
class LauncherIT {

    @TempDir
    Path folder;

    private Cli.Result run(Map<String, String> environment, String... command) throws Exception {
        return new Launcher(folder).run(environment, command);
    }

    private Cli.Result lewis(String... args) throws Exception {
        return new Launcher(folder).lewis(args);
    }

    @Test
    void helpComesWithoutAWarningOfTheJvm() throws Exception {
        Cli.Result result = lewis("--help");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("Usage: lewis ");
        assertThat(result.exitCode()).isEqualTo(Main.DONE);
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        assertThat(lewis("--version").out()).matches("lewis \\d+\\.\\d+\\.\\d+\\S* \\(Java 25.*\\)\n");
    }

    @Test
    void exitCodesAndErrorsComeThrough() throws Exception {
        assertThat(lewis("inspekt")).isEqualTo(new Cli.Result(Main.REFUSED, "", """
            error: unknown command "inspekt"; did you mean "inspect"?
            see "lewis --help"
            """));
        Cli.Result missing = lewis("inspect", "no model");
        assertThat(missing.exitCode()).isEqualTo(Main.FAILED);
        assertThat(missing.err()).startsWith("error: no model: no such model folder, ");
    }

    @Test
    void linksToItWorkFromAnywhere() throws Exception {
        Path far = Files.createSymbolicLink(folder.resolve("far"), Launcher.COMMAND);
        Path near = Files.createSymbolicLink(folder.resolve("a link to a link"), far.getFileName());

        assertThat(run(Map.of(), near.toString(), "--version").out()).startsWith("lewis ");
        assertThat(run(Map.of(), "./far", "--version").out()).startsWith("lewis ");
        Files.delete(near);
        Files.delete(far);
    }

    @Test
    void anotherJavaOnThePathDoesNotMatter() throws Exception {
        for (String name : List.of("java", "javac")) {
            Files.writeString(folder.resolve(name), "#!/bin/sh\nexit 17\n");
            Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Map<String, String> environment =
                Map.of("PATH", folder + ":" + System.getenv("PATH"), "JAVA_HOME", System.getProperty("java.home"));

        assertThat(run(environment, Launcher.COMMAND.toString(), "--version").out())
                .contains("(Java 25");
    }

    @Test
    void aJvmThatCannotStartSaysWhy() throws Exception {
        ProcessBuilder builder = new Launcher(folder)
                .process(Launcher.COMMAND.toString(), "--version")
                .redirectErrorStream(true);
        builder.environment().put("LEWIS_JAVA_OPTS", "-XX:+NoSuchFlag");
        Process process = builder.start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("Unrecognized VM option 'NoSuchFlag'\n");
        assertThat(process.waitFor()).isEqualTo(1);
    }

    @Test
    void aDamagedCacheIsNotUsed() throws Exception {
        lewis("--version"); // records one where there is none
        Path cache;
        try (Stream<Path> files = Files.list(Fixtures.HOME.resolve("cli/target/lewis"))) {
            cache = files.filter(file -> file.getFileName().toString().startsWith("aot"))
                    .findAny()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(cache);
        byte[] damaged = bytes.clone();
        for (int i = 1 << 16; i < damaged.length; i += 997) {
            damaged[i] = (byte) ~damaged[i];
        }
        try {
            Files.write(cache, damaged);
            Cli.Result result = lewis("--version");
            assertThat(result.err()).isEmpty();
            assertThat(result.out()).startsWith("lewis ");
        } finally {
            Files.write(cache, bytes);
        }
    }

    @Test
    void signalsReachTheJvmItself() throws Exception {
        // Opening a pipe that nobody writes to is a command that never ends.
        assertThat(new ProcessBuilder(
                                "mkfifo", folder.resolve("model.safetensors").toString())
                        .start()
                        .waitFor())
                .isZero();
        Process process = new Launcher(folder)
                .process(Launcher.COMMAND.toString(), "inspect", ".")
                .start();
        awaitJvm(process);
        process.destroy();

        assertThat(process.waitFor()).isEqualTo(128 + 15);
    }

    private static void awaitJvm(Process process) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (System.nanoTime() < end) {
            if (process.info().command().orElse("").endsWith("/bin/java")) {
                return;
            }
            assertThat(process.waitFor(10, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("no JVM within a minute");
    }
}
