package org.lewis.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.lewis.forward.Device;
import org.lewis.forward.DeviceException;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// How a calibration pass runs.
final class PassOptions {

    @Option(
            names = "--precision",
            paramLabel = "P",
            description = "What models compute in: float32 or bfloat16 (default: as they are stored).")
    private Precision precision;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = Bytes.class,
            description = "How much of the activations between blocks stays in memory, such as 512MB or 2GB; the rest"
                    + " goes to a temporary file (default: 1GB).")
    private long memory = Resources.STANDARD_MEMORY;

    @Option(
            names = "--device",
            paramLabel = "D",
            description = "What computes: cpu, or cuda in a build for GPUs (default: cpu).")
    private Device device = Device.CPU;

    Optional<Precision> precision() {
        return Optional.ofNullable(precision);
    }

    /// @param folder of the temporary file
    /// @throws DeviceException when the device is not there
    Resources resources(Path folder) throws DeviceException {
        device.require();
        return new Resources(device, memory, folder);
    }

    /// `2GB` is 2 * 2^30.
    static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            String text = value.toUpperCase(Locale.ROOT).replaceFirst("I?B$", "");
            int scale = text.isEmpty() ? -1 : "KMGT".indexOf(text.charAt(text.length() - 1));
            String number = scale < 0 ? text : text.substring(0, text.length() - 1);
            try {
                double bytes = Double.parseDouble(number) * Math.pow(1024, scale + 1);
                if (bytes >= 0 && bytes < 1L << 62) {
                    return (long) bytes;
                }
            } catch (NumberFormatException e) {
                // Told below, with sizes that make no sense.
            }
            throw new TypeConversionException("\"" + value + "\" is no size; write 512MB or 2GB");
        }
    }
}
