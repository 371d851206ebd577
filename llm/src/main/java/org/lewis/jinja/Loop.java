package org.lewis.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `for`, with a scope of its own for each element.
///
/// @param names     of the element, or of its parts
/// @param condition which elements count
/// @param otherwise written when there is none
record Loop(List<String> names, Expression elements, Expression condition, Statement body, Statement otherwise)
        implements Statement {

    @Override
    public Flow write(Scope scope, StringBuilder out) {
        List<Object> counted = new ArrayList<>();
        for (Object element : Values.elements(elements.in(scope))) {
            Scope inside = scope.inside();
            assign(inside, names, element);
            if (Values.isTrue(condition.in(inside))) {
                counted.add(element);
            }
        }
        if (counted.isEmpty()) {
            return otherwise.write(scope, out);
        }
        for (int i = 0; i < counted.size(); i++) {
            Scope inside = scope.inside();
            assign(inside, names, counted.get(i));
            inside.set("loop", state(counted, i));
            if (body.write(inside, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private static Map<String, Object> state(List<Object> elements, int at) {
        int size = elements.size();
        Map<String, Object> loop = new HashMap<>();
        loop.put("index", at + 1L);
        loop.put("index0", (long) at);
        loop.put("revindex", (long) size - at);
        loop.put("revindex0", size - at - 1L);
        loop.put("first", at == 0);
        loop.put("last", at == size - 1);
        loop.put("length", (long) size);
        loop.put("previtem", at > 0 ? elements.get(at - 1) : new Undefined("previtem"));
        loop.put("nextitem", at + 1 < size ? elements.get(at + 1) : new Undefined("nextitem"));
        loop.put("cycle", (Function) (arguments, _) -> arguments.get(at % arguments.size()));
        return loop;
    }

    /// Gives a value to a name, or its parts to several.
    static void assign(Scope scope, List<String> names, Object value) {
        if (names.size() == 1) {
            scope.set(names.getFirst(), value);
            return;
        }
        List<Object> parts = Values.elements(value);
        if (parts.size() != names.size()) {
            throw new JinjaException("expected " + names.size() + " values for " + names + ", found " + parts.size());
        }
        for (int i = 0; i < names.size(); i++) {
            scope.set(names.get(i), parts.get(i));
        }
    }

    @SuppressWarnings("unchecked")
    static void put(Object namespace, String member, Object value) {
        if (!(namespace instanceof Map)) {
            throw new JinjaException("cannot set \"" + member + "\" of " + Values.kind(namespace));
        }
        ((Map<Object, Object>) namespace).put(member, value);
    }
}
