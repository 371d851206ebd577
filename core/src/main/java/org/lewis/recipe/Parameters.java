package org.lewis.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.lewis.document.Node;
import org.lewis.merge.Method;
import org.lewis.merge.Parameter;

/// One `parameters:` block, and the block of the next level, which is asked for what this one leaves open.
record Parameters(Map<String, ParameterValue> values, Optional<Parameters> fallback) {

    static final Parameters NONE = new Parameters(Map.of(), Optional.empty());

    /// @param scopes what the block may set; others have no effect there, which is noted
    /// @param notes  where to say so
    static Parameters parse(Node node, Method method, List<Parameter.Scope> scopes, List<String> notes) {
        Map<String, ParameterValue> values = new LinkedHashMap<>();
        node.mapping().forEach((name, value) -> {
            if (value.isNull()) {
                return;
            }
            Parameter parameter = method.parameters().stream()
                    .filter(known -> known.name().equals(name))
                    .findFirst()
                    .orElse(null);
            if (parameter == null) {
                TreeSet<String> names = new TreeSet<>();
                method.parameters().forEach(one -> names.add(one.name()));
                Keys.refuseUnlessCarried(name, value.place(), method.name(), names);
                notes.add(value.place() + ": has no effect on " + method.name());
            } else if (!scopes.contains(parameter.scope())) {
                notes.add(value.place() + ": holds for the whole merge and has no effect on one model; set it under the"
                        + " recipe's own `parameters`");
            } else {
                values.put(name, ParameterValue.parse(parameter, value));
            }
        });
        return new Parameters(values, Optional.empty());
    }

    Parameters with(String parameter, ParameterValue value) {
        Map<String, ParameterValue> changed = new LinkedHashMap<>(values);
        changed.put(parameter, value);
        return new Parameters(changed, fallback);
    }

    /// The same, and what these leave open taken from others.
    Parameters orElse(Parameters others) {
        return new Parameters(values, Optional.of(others));
    }

    OptionalDouble at(Parameter parameter, String tensor, double depth) {
        ParameterValue value = values.get(parameter.name());
        OptionalDouble own = value == null ? OptionalDouble.empty() : value.at(tensor, depth);
        return own.isPresent() || fallback.isEmpty() ? own : fallback.get().at(parameter, tensor, depth);
    }
}
