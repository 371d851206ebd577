package org.lewis.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.SideFiles;
import org.lewis.document.DocumentException;
import org.lewis.document.Json;
import org.lewis.document.Node;
import org.lewis.plan.Donor;
import org.lewis.plan.OutputConfig;
import org.lewis.plan.Plan;
import org.lewis.plan.Sources;
import org.lewis.vocabulary.ConfigIds;
import org.lewis.vocabulary.Vocabulary;
import org.lewis.vocabulary.VocabularyFiles;

/// The files of a merged model that are not weights: config, tokenizer, chat template and what else its donor has.
final class OutputFiles {

    private static final String CONFIG = "config.json";
    private static final String GENERATION = "generation_config.json";

    private final Sources sources;
    private final Donor donor;
    private final Path folder;
    private final Path tokens;

    private OutputFiles(Plan plan, Sources sources) {
        this.sources = sources;
        this.donor = plan.donor();
        this.folder = sources.checkpoint(donor.model()).folder();
        this.tokens = sources.checkpoint(donor.tokens().model()).folder();
    }

    /// The bytes of each file, by name.
    ///
    /// @throws CheckpointException when a file of the donor is damaged
    static Map<String, byte[]> of(Plan plan, Sources sources) throws IOException {
        OutputFiles output = new OutputFiles(plan, sources);
        try {
            return output.files();
        } catch (DocumentException e) {
            throw new CheckpointException(e.getMessage());
        }
    }

    private Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (Path file : SideFiles.carried(folder)) {
            String name = file.getFileName().toString();
            if (!VocabularyFiles.isOne(name)) {
                files.put(name, Files.readAllBytes(file));
            }
        }
        files.putAll(VocabularyFiles.of(
                tokens, donor.tokens().changed(), donor.tokens().template()));
        Map<String, Object> config = OutputConfig.of(donor, sources).members();
        donor.tokens().rows().ifPresent(rows -> ConfigIds.setSize(config, rows));
        if (donor.tokens().model() != donor.model()) {
            Translation translation = new Translation();
            translation.apply(CONFIG, config);
            if (files.containsKey(GENERATION)) {
                Map<String, Object> generation = members(folder.resolve(GENERATION));
                translation.apply(GENERATION, generation);
                files.put(GENERATION, bytes(generation));
            }
        }
        files.put(CONFIG, bytes(config));
        return files;
    }

    /// From the ids of the donor's own tokenizer to those of another model's.
    private final class Translation {

        private final Map<String, Integer> from = ids(folder);
        private final Map<String, Integer> to = donor.tokens().changed().isPresent()
                ? donor.tokens().changed().get().ids()
                : ids(tokens);

        Translation() throws IOException {}

        void apply(String name, Map<String, Object> members) throws IOException {
            Path theirs = tokens.resolve(name);
            Optional<Node> node = Files.isRegularFile(theirs) ? Optional.of(Json.read(theirs)) : Optional.empty();
            ConfigIds.translate(members, node, from, to);
        }

        private static Map<String, Integer> ids(Path folder) throws IOException {
            Path file = folder.resolve(VocabularyFiles.TOKENIZER);
            return Files.isRegularFile(file) ? Vocabulary.read(file).ids() : Map.of();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> members(Path file) throws IOException {
        return (Map<String, Object>) Json.read(file).plain();
    }

    private static byte[] bytes(Map<String, Object> members) {
        return Json.pretty(members).getBytes(StandardCharsets.UTF_8);
    }
}
