package org.lewis.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a merge did.
///
/// @param checksums CRC-32 of each tensor's bytes, by name
/// @param resumed   tensors that an earlier run had finished
/// @param notes     what in the recipe or models had no effect
/// @param warnings  what the user should know about the result
public record Report(
        Path output,
        Map<String, String> checksums,
        int resumed,
        long bytes,
        List<String> notes,
        List<String> warnings) {}
