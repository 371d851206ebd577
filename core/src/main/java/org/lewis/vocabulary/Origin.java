package org.lewis.vocabulary;

/// A row of a model's table of tokens.
///
/// @param model its number
/// @param row   in its own table
public record Origin(int model, int row) {}
