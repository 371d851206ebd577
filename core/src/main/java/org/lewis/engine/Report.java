package org.lewis.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a merge did.
///
/// @param checksums CRC-32 of each tensor's bytes, by name
/// @param resumed   tensors that an earlier run had finished
/// @param notes     what in the recipe or the models had no effect, or another than one might think
/// @param warnings  what is wrong with values of the result
public record Report(
        Path output,
        Map<String, String> checksums,
        int resumed,
        long bytes,
        List<String> notes,
        List<String> warnings) {}
