package org.lewis.forward;

import java.util.List;

/// Continuations of some prompts, and how long they took.
///
/// @param texts           the new tokens of each prompt
/// @param promptNanos     until the first new token of all was known
/// @param generationNanos from then on
public record Generated(List<int[]> texts, long promptNanos, long generationNanos) {}
