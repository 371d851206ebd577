package org.lewis.compare;

import java.nio.file.Path;
import java.util.Optional;
import org.lewis.dataset.Template;

/// Text that every model has to predict.
///
/// @param name     what tables call it
/// @param file     JSONL, or one text
/// @param template how a row of JSONL becomes text
public record TestText(String name, Path file, Optional<Template> template) {}
