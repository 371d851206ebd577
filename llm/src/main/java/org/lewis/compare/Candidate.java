package org.lewis.compare;

import org.lewis.recipe.Recipe;

/// A merge to be compared.
///
/// @param name   of the method, or of the recipe's file
/// @param recipe whose guidance is not done yet
record Candidate(String name, Recipe recipe) {}
