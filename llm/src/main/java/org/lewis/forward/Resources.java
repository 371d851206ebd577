package org.lewis.forward;

import java.nio.file.Path;

/// What a pass may use: where it computes, how much of the activations between blocks stays in memory, and where the
/// rest goes.
///
/// @param memory bytes of activations that may stay in the device's memory
/// @param folder holds a temporary file while a pass needs one; it is made if it is not there
public record Resources(Device device, long memory, Path folder) {

    /// 1 GiB: 15 samples of 512 tokens of any model that fits into a machine, and much more of smaller ones.
    public static final long STANDARD_MEMORY = 1L << 30;

    public Resources {
        if (memory < 0) {
            throw new IllegalArgumentException("no memory can have " + memory + " bytes");
        }
    }

    /// The processor, the standard memory, and the system's folder for temporary files.
    public static Resources standard() {
        return new Resources(Device.CPU, STANDARD_MEMORY, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /// Whether nobody has asked for another amount of memory.
    public boolean hasStandardMemory() {
        return memory == STANDARD_MEMORY;
    }
}
