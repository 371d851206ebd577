package org.lewis.guidance;

/// What LEWIS found out about a model and made of it.
///
/// @param movement  how far calibration says that its layers moved
/// @param densities how much of each a merge keeps
public record LayerGuidance(Movement movement, LayerTable densities) {}
