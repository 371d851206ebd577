package org.lewis.extract;

/// How well a module's adapter stands for what the module learned.
///
/// @param rank    of the adapter
/// @param error   Frobenius norm of what the adapter misses, in parts of that of the difference, in [0, 1]
/// @param squares sum of the squares of the difference
public record Fit(String module, int rank, double error, double squares) {}
