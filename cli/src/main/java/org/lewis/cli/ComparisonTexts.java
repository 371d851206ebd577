package org.lewis.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.compare.FineTune;
import org.lewis.compare.TestText;
import org.lewis.dataset.Template;
import org.lewis.document.Nearest;
import picocli.CommandLine.Option;

/// The texts of a comparison: what fine-tunes calibrate with, and what every model has to predict.
final class ComparisonTexts {

    @Option(
            names = "--calibration",
            paramLabel = "[MODEL=]FILE",
            description =
                    "Text that a fine-tune calibrates with: JSONL, a text with a sample in each line, or JSON lists"
                            + " of token ids; once for all fine-tunes, or for each in their order, or by name.")
    private List<String> calibration = new ArrayList<>();

    @Option(
            names = "--template",
            paramLabel = "[MODEL=]T",
            description = "How a row of JSONL becomes calibration text, likewise (default: \"{question} {answer}\").")
    private List<String> templates = new ArrayList<>();

    @Option(
            names = "--test",
            paramLabel = "[NAME=]FILE",
            description = "Text that every model has to predict, for perplexity and loss; may be repeated.")
    private List<String> tests = new ArrayList<>();

    @Option(
            names = "--test-template",
            paramLabel = "[NAME=]T",
            description = "How a row of JSONL becomes test text, likewise (default: {text}).")
    private List<String> testTemplates = new ArrayList<>();

    /// The fine-tunes with their texts.
    ///
    /// @throws IllegalArgumentException when a text belongs to none, or some are without
    List<FineTune> calibrated(List<FineTune> fineTunes) {
        List<String> names = fineTunes.stream().map(FineTune::name).toList();
        Map<String, String> files = assigned("--calibration", calibration, names);
        Map<String, String> patterns = assigned("--template", templates, names);
        return fineTunes.stream()
                .map(model -> new FineTune(
                        model.name(),
                        model.model(),
                        Optional.ofNullable(files.get(model.name())).map(Path::of),
                        Optional.ofNullable(patterns.get(model.name())),
                        model.weight()))
                .toList();
    }

    List<TestText> tests() {
        Map<String, String> files = new LinkedHashMap<>();
        for (String test : tests) {
            int sign = test.indexOf('=');
            String file = test.substring(sign + 1);
            String name = sign > 0
                    ? test.substring(0, sign)
                    : Path.of(file).getFileName().toString();
            if (files.put(name, file) != null) {
                throw new IllegalArgumentException("two tests are called " + name + "; name one with --test NAME=FILE");
            }
        }
        List<String> names = List.copyOf(files.keySet());
        Map<String, String> patterns = assigned("--test-template", testTemplates, names);
        return files.entrySet().stream()
                .map(test -> new TestText(
                        test.getKey(),
                        Path.of(test.getValue()),
                        Optional.ofNullable(patterns.get(test.getKey()))
                                .or(() -> standard(test.getValue()))
                                .map(Template::new)))
                .toList();
    }

    /// A text file is one text.
    private static Optional<String> standard(String file) {
        return file.endsWith(".jsonl") ? Optional.of("{text}") : Optional.empty();
    }

    /// Values by the names that they are for: `NAME=VALUE`, or one value for all, or as many as there are names.
    private static Map<String, String> assigned(String option, List<String> values, List<String> names) {
        Map<String, String> assigned = new LinkedHashMap<>();
        List<String> open = new ArrayList<>();
        for (String value : values) {
            int sign = value.indexOf('=');
            String name = sign < 0 ? "" : value.substring(0, sign);
            if (names.contains(name)) {
                assigned.put(name, value.substring(sign + 1));
            } else if (name.matches("[\\w.+-]+")) {
                throw new IllegalArgumentException(
                        option + ": none is called \"" + name + "\"" + Nearest.suggestion(name, names));
            } else {
                open.add(value);
            }
        }
        if (open.size() == 1) {
            names.forEach(name -> assigned.putIfAbsent(name, open.getFirst()));
        } else if (!open.isEmpty()) {
            if (open.size() != names.size() || !assigned.isEmpty()) {
                throw new IllegalArgumentException(option + ": expected one value for all, or one for each of "
                        + String.join(", ", names) + ", found " + open.size());
            }
            for (int i = 0; i < names.size(); i++) {
                assigned.put(names.get(i), open.get(i));
            }
        }
        return assigned;
    }
}
