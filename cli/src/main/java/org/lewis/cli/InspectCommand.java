package org.lewis.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.lewis.checkpoint.Adapter;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.checkpoint.WeightFile;
import org.lewis.measure.ValueStatistics;
import org.lewis.tensor.ReadableTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lewis inspect MODEL`: what tensors a checkpoint holds, and what is in them.
@Command(name = "inspect", description = "List the tensors of a model, an adapter or a weight file.")
final class InspectCommand extends Subcommand {

    @Parameters(paramLabel = "MODEL", description = "A weight file, the folder of an adapter, or " + Models.HELP)
    private String model;

    @Option(names = "--stats", description = "Read all values: zeros, NaN, infinities, extremes and norms.")
    private boolean stats;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    void run(Console console) throws Exception {
        try (Opened opened = open(model)) {
            Map<ReadableTensor, Optional<ValueStatistics>> tensors = new LinkedHashMap<>();
            long total = opened.tensors().values().stream()
                    .mapToLong(ReadableTensor::elements)
                    .sum();
            try (Progress progress = console.progress("reading " + model, stats ? total : 0, "parameters")) {
                for (ReadableTensor tensor : opened.tensors().values()) {
                    boolean readable = stats && tensor.dtype().isMergeable();
                    tensors.put(tensor, readable ? Optional.of(ValueStatistics.of(tensor)) : Optional.empty());
                    progress.add(stats ? tensor.elements() : 0);
                }
            }
            Inspection inspection = new Inspection(tensors, stats);
            console.out().print(json ? inspection.json() : inspection.text());
        }
    }

    /// Tensors by name, and what has to be closed after them.
    private record Opened(Map<String, ? extends ReadableTensor> tensors, Runnable closing) implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }

    private static Opened open(String name) throws IOException {
        Path path = Path.of(name);
        if (Files.isRegularFile(path)) {
            WeightFile file = WeightFile.open(path);
            return new Opened(file.tensors(), file::close);
        }
        if (Files.exists(path.resolve("adapter_config.json")) && !Files.exists(path.resolve("config.json"))) {
            Adapter adapter = Adapter.open(path);
            return new Opened(adapter.tensors(), adapter::close);
        }
        ReadableModel model = Models.locate(name).open();
        return new Opened(model.tensors(), model::close);
    }
}
