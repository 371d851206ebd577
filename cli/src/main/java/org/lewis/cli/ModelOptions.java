package org.lewis.cli;

import java.nio.file.Path;
import java.util.OptionalLong;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.forward.DeviceException;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How models run that are asked for logits or answers.
final class ModelOptions {

    @Mixin
    private ComputeOptions compute;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = PassOptions.Bytes.class,
            description =
                    "How much memory a model may take, such as 512MB or 2GB; one with more weights is read block by"
                            + " block in each pass, slower and with the same results (default: three quarters of the"
                            + " machine's).")
    private Long memory;

    Precision precision(ReadableModel model) {
        return compute.precision(model);
    }

    /// @throws DeviceException when the device is not there
    Resources resources() throws DeviceException {
        OptionalLong limit = memory == null ? OptionalLong.empty() : OptionalLong.of(memory);
        return new Resources(compute.device(), limit, Path.of(System.getProperty("java.io.tmpdir")));
    }
}
