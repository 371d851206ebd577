package org.lewis.jinja;

import java.util.List;

/// A part of a template that writes.
@FunctionalInterface
interface Statement {

    /// Where to go on.
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    Flow write(Scope scope, StringBuilder out);

    /// One after the other, until one breaks off.
    static Statement all(List<Statement> statements) {
        List<Statement> parts = List.copyOf(statements);
        return (scope, out) -> {
            for (Statement part : parts) {
                Flow flow = part.write(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }
}
