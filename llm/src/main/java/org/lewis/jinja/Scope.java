package org.lewis.jinja;

import java.util.HashMap;
import java.util.Map;

/// Names and what they stand for. A loop or a macro has a scope of its own, in which it sees that around it.
final class Scope {

    private final Scope around;
    private final Map<String, Object> values;

    private Scope(Scope around, Map<String, Object> values) {
        this.around = around;
        this.values = values;
    }

    static Scope of(Map<String, ?> values) {
        return new Scope(null, new HashMap<>(values));
    }

    Scope inside() {
        return new Scope(this, new HashMap<>());
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.around) {
            if (scope.values.containsKey(name)) {
                return scope.values.get(name);
            }
        }
        return new Undefined(name);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }
}
