package org.lewis.report;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A Chromium that somebody has installed, run without a window.
record Browser(Path program) {

    /// Names it in the environment, where it has none of the usual names.
    private static final String VARIABLE = "LEWIS_CHROMIUM";

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge");

    private static final List<Path> ELSEWHERE = List.of(
            Path.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
            Path.of("/Applications/Chromium.app/Contents/MacOS/Chromium"),
            Path.of("C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"));

    private static final int SECONDS = 120;

    /// @param environment of this process
    /// @throws IOException when there is none
    static Browser find(Map<String, String> environment) throws IOException {
        Optional<String> named = Optional.ofNullable(environment.get(VARIABLE)).filter(name -> !name.isBlank());
        if (named.isPresent()) {
            Path program = Path.of(named.get());
            if (!Files.isExecutable(program)) {
                throw new IOException(VARIABLE + " names " + program + ", which is no program");
            }
            return new Browser(program);
        }
        Stream<Path> onPath = Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)));
        return Stream.concat(onPath, ELSEWHERE.stream())
                .filter(Files::isExecutable)
                .findFirst()
                .map(Browser::new)
                .orElseThrow(
                        () -> new IOException("charts are drawn by Chromium or Chrome, but none is found on the PATH;"
                                + " install one, name one in " + VARIABLE
                                + ", or use the buttons below each chart of the"
                                + " report"));
    }

    /// What a page is once it is loaded and its scripts have run.
    ///
    /// @param fragment after the `#` of its address
    String document(Path page, String fragment) throws IOException {
        Path folder = Files.createTempDirectory("lewis-browser");
        try {
            Path output = folder.resolve("document.html");
            List<String> command = new ArrayList<>(List.of(
                    program.toString(),
                    "--headless",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "--dump-dom"));
            if (System.getProperty("user.name").equals("root")) {
                command.add("--no-sandbox"); // which Chromium cannot have as root
            }
            command.add(page.toUri() + "#" + fragment);
            run(command, output, folder.resolve("errors.txt"));
            return Files.readString(output, StandardCharsets.UTF_8);
        } finally {
            delete(folder);
        }
    }

    private void run(List<String> command, Path output, Path errors) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(program + " has not drawn the charts in " + SECONDS + " seconds");
            }
            if (process.exitValue() != 0) {
                List<String> lines = Files.readString(errors, StandardCharsets.ISO_8859_1)
                        .lines()
                        .filter(line -> !line.isBlank())
                        .toList();
                throw new IOException(program + " failed with exit code " + process.exitValue()
                        + (lines.isEmpty() ? "" : ": " + lines.getLast()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while charts were drawn", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
