package org.lewis.cli;

import java.util.Optional;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.forward.Device;
import org.lewis.forward.DeviceException;
import org.lewis.forward.Precision;
import picocli.CommandLine.Option;

/// In what models compute, and on what.
final class ComputeOptions {

    @Option(
            names = "--precision",
            paramLabel = "P",
            description = "What models compute in: float32 or bfloat16 (default: as they are stored).")
    private Precision precision;

    @Option(
            names = "--device",
            paramLabel = "D",
            description = "What computes: cpu, or cuda in a build for GPUs (default: cpu).")
    private Device device = Device.CPU;

    /// Empty for each model's own.
    Optional<Precision> precision() {
        return Optional.ofNullable(precision);
    }

    Precision precision(ReadableModel model) {
        return precision == null ? Precision.of(model) : precision;
    }

    /// @throws DeviceException when it is not there
    Device device() throws DeviceException {
        device.require();
        return device;
    }
}
