package org.lewis.jinja;

/// What an expression is worth in a scope.
@FunctionalInterface
interface Expression {
    Object in(Scope scope);
}
