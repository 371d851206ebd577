package org.lewis.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.lewis.forward.DeviceException;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// How a calibration pass runs.
final class PassOptions {

    @Mixin
    private ComputeOptions compute;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = Bytes.class,
            description = "How much of the activations between blocks stays in memory, such as 512MB or 2GB; the rest"
                    + " goes to a temporary file (default: 1GB).")
    private Long memory;

    Optional<Precision> precision() {
        return compute.precision();
    }

    /// @param folder of the temporary file
    /// @throws DeviceException when the device is not there
    Resources resources(Path folder) throws DeviceException {
        OptionalLong limit = memory == null ? OptionalLong.empty() : OptionalLong.of(memory);
        return new Resources(compute.device(), limit, folder);
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
