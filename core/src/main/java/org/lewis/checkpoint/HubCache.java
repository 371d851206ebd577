package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The folder in which HuggingFace's tools keep what they downloaded. Lewis reads it and never downloads.
///
/// @param folder holds `models--ORG--NAME/snapshots/COMMIT` and `models--ORG--NAME/refs/BRANCH`, and likewise
/// `datasets--`
public record HubCache(Path folder) {

    private static final Pattern NAME = Pattern.compile("[\\w.-]+(/[\\w.-]+)?");
    private static final String DEFAULT_REVISION = "main";

    /// `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else in `huggingface` in `XDG_CACHE_HOME` or `~/.cache`.
    public static HubCache standard() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    static HubCache of(Map<String, String> environment, Path home) {
        if (isSet(environment, "HF_HUB_CACHE")) {
            return new HubCache(Path.of(environment.get("HF_HUB_CACHE")));
        }
        if (isSet(environment, "HF_HOME")) {
            return new HubCache(Path.of(environment.get("HF_HOME"), "hub"));
        }
        Path caches = isSet(environment, "XDG_CACHE_HOME")
                ? Path.of(environment.get("XDG_CACHE_HOME"))
                : home.resolve(".cache");
        return new HubCache(caches.resolve("huggingface").resolve("hub"));
    }

    /// The snapshot of a model, if it is there.
    ///
    /// @param name     such as `meta-llama/Llama-3.1-8B`
    /// @param revision a branch, a tag or a commit; the main branch when empty
    public Optional<Path> find(String name, Optional<String> revision) throws IOException {
        return find("models--", name, revision);
    }

    /// The snapshot of a data set's main branch, if it is there.
    ///
    /// @param name such as `openai/gsm8k`
    public Optional<Path> findDataSet(String name) throws IOException {
        return find("datasets--", name, Optional.empty());
    }

    private Optional<Path> find(String kind, String name, Optional<String> revision) throws IOException {
        if (!NAME.matcher(name).matches() || name.contains("..")) {
            return Optional.empty();
        }
        Path repository = folder.resolve(kind + name.replace("/", "--"));
        Path snapshots = repository.resolve("snapshots");
        String wanted = revision.orElse(DEFAULT_REVISION);
        Path reference = repository.resolve("refs").resolve(wanted).normalize();
        if (reference.startsWith(repository) && Files.isRegularFile(reference)) {
            wanted = Files.readString(reference, StandardCharsets.UTF_8).strip();
        }
        Path snapshot = snapshots.resolve(wanted).normalize();
        return snapshot.startsWith(snapshots) && !snapshot.equals(snapshots) && Files.isDirectory(snapshot)
                ? Optional.of(snapshot)
                : Optional.empty();
    }

    private static boolean isSet(Map<String, String> environment, String key) {
        return environment.containsKey(key) && !environment.get(key).isBlank();
    }
}
