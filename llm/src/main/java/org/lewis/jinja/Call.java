package org.lewis.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Arguments of a call.
record Call(List<Expression> arguments, Map<String, Expression> named) {

    static final Call EMPTY = new Call(List.of(), Map.of());

    Object of(Object callee, Scope scope) {
        if (!(callee instanceof Function function)) {
            throw new JinjaException(
                    callee instanceof Undefined(String name)
                            ? "\"" + name + "\" is undefined and cannot be called"
                            : "cannot call " + Values.text(callee));
        }
        return function.call(values(scope), namedValues(scope));
    }

    List<Object> values(Scope scope) {
        List<Object> values = new ArrayList<>();
        arguments.forEach(argument -> values.add(argument.in(scope)));
        return values;
    }

    Map<String, Object> namedValues(Scope scope) {
        Map<String, Object> values = new LinkedHashMap<>();
        named.forEach((name, argument) -> values.put(name, argument.in(scope)));
        return values;
    }
}
