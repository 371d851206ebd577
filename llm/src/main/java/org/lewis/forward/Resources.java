package org.lewis.forward;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.OptionalLong;

/// What a pass may use: where it computes, how much memory it takes, and where activations go that have no room there.
///
/// @param limit  bytes that somebody allows; empty for what is usual
/// @param folder holds a temporary file while a pass needs one; it is made if it is not there
public record Resources(Device device, OptionalLong limit, Path folder) {

    /// 1 GiB: 15 samples of 512 tokens of any model that fits into a machine, and much more of smaller ones.
    public static final long STANDARD_MEMORY = 1L << 30;

    /// Weights beyond are held against the machine's memory; smaller ones fit anywhere.
    private static final long SMALL = 1L << 30;

    public Resources {
        if (limit.orElse(0) < 0) {
            throw new IllegalArgumentException("no memory can have " + limit.getAsLong() + " bytes");
        }
    }

    /// @param limit bytes
    public Resources(Device device, long limit, Path folder) {
        this(device, OptionalLong.of(limit), folder);
    }

    /// The processor, the standard memory, and the system's folder for temporary files.
    public static Resources standard() {
        return standard(Device.CPU);
    }

    /// The same on a device.
    public static Resources standard(Device device) {
        return new Resources(device, OptionalLong.empty(), Path.of(System.getProperty("java.io.tmpdir")));
    }

    /// Bytes of activations that may stay in the device's memory.
    public long memory() {
        return limit.orElse(STANDARD_MEMORY);
    }

    /// Whether nobody has asked for another amount of memory.
    public boolean hasStandardMemory() {
        return limit.isEmpty();
    }

    /// Whether a model's weights may stay in memory together: when they take no more than the limit, or without one,
    /// than three quarters of what the machine has.
    boolean hold(long weightBytes) {
        if (limit.isPresent()) {
            return weightBytes <= limit.getAsLong();
        }
        return weightBytes <= SMALL || device != Device.CPU || weightBytes <= machineMemory() / 4 * 3;
    }

    /// Bytes that keys and values of texts being written may take beside the weights. Without a limit half of what the
    /// weights take, at least the standard memory: the same on every machine, for answers depend on it by rounding.
    long besides(long weightBytes) {
        if (limit.isEmpty()) {
            return Math.max(STANDARD_MEMORY, weightBytes / 2);
        }
        long rest = hold(weightBytes) ? limit.getAsLong() - weightBytes : limit.getAsLong();
        return Math.max(rest, limit.getAsLong() / 4);
    }

    private static long machineMemory() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
