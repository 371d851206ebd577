package org.lewis.merge;

import java.util.OptionalDouble;
import java.util.function.DoublePredicate;

/// A parameter of a method, declared once: reading, checking, help and the reference page all come from here.
///
/// @param standard      value when the recipe gives none; empty when it must
/// @param range         what is allowed, in words: `a number in (0, 1]`
/// @param allowed       the same as a test, false for NaN
/// @param meaning       one sentence
/// @param insteadOfZero what to write in place of 0 where that is not allowed; empty where nothing would mean the same
public record Parameter(
        String name,
        Scope scope,
        Kind kind,
        OptionalDouble standard,
        String range,
        DoublePredicate allowed,
        String meaning,
        String insteadOfZero) {

    public enum Scope {
        /// One value per model.
        MODEL("the model's `parameters`, or the recipe's own"),
        /// One value for the merge.
        MERGE("the recipe's own `parameters`");

        private final String where;

        Scope(String where) {
            this.where = where;
        }

        /// Whose `parameters` hold it, for messages.
        public String where() {
            return where;
        }
    }

    public enum Kind {
        NUMBER,
        /// True is 1 and false is 0.
        FLAG
    }

    /// What should stand in place of a value that is not allowed, for messages.
    public String expectedInPlaceOf(double value) {
        return value == 0 && !insteadOfZero.isEmpty() ? range + ", or " + insteadOfZero : range;
    }

    static Parameter weight() {
        return finite("weight", Scope.MODEL, "factor on the model, or on its task vector");
    }

    static Parameter density(double standard) {
        return new Parameter(
                "density",
                Scope.MODEL,
                Kind.NUMBER,
                OptionalDouble.of(standard),
                "a number in (0, 1]",
                value -> value > 0 && value <= 1,
                "share of the task vector to keep",
                "`weight: 0` to leave the model out");
    }

    static Parameter lambda() {
        return finite("lambda", Scope.MERGE, "factor on the merged task vector").or(1);
    }

    static Parameter int8Mask() {
        return flag("int8_mask", false, "accepted for mergekit's recipes; masks take no memory here");
    }

    /// Any number, which the recipe must give unless [#or] follows.
    static Parameter finite(String name, Scope scope, String meaning) {
        return number(name, scope, "a finite number", Double::isFinite, meaning);
    }

    /// Likewise a number above 0.
    static Parameter positive(String name, Scope scope, String meaning) {
        return number(name, scope, "a number above 0", value -> value > 0 && Double.isFinite(value), meaning);
    }

    /// Likewise a whole number.
    static Parameter whole(String name, Scope scope, int least, int most, String meaning) {
        return number(
                name,
                scope,
                "a whole number from " + least + " to " + most,
                value -> value >= least && value <= most && value == Math.rint(value),
                meaning);
    }

    static Parameter number(String name, Scope scope, String range, DoublePredicate allowed, String meaning) {
        return new Parameter(name, scope, Kind.NUMBER, OptionalDouble.empty(), range, allowed, meaning, "");
    }

    /// The same with a value for recipes that give none.
    Parameter or(double value) {
        return new Parameter(name, scope, kind, OptionalDouble.of(value), range, allowed, meaning, insteadOfZero);
    }

    static Parameter flag(String name, boolean standard, String meaning) {
        return new Parameter(
                name,
                Scope.MERGE,
                Kind.FLAG,
                OptionalDouble.of(standard ? 1 : 0),
                "true or false",
                value -> value == 0 || value == 1,
                meaning,
                "");
    }
}
