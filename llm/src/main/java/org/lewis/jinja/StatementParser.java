package org.lewis.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lewis.jinja.Segments.Kind;
import org.lewis.jinja.Segments.Segment;

/// Reads the tags of a template and what stands between them.
final class StatementParser {

    private static final int DEEPEST = 100;

    private final List<Segment> segments;
    private int at;
    private int depth;
    private String ending = ""; // the tag that ended the last body
    private Tokens endingTokens = new Tokens("", 1);

    StatementParser(List<Segment> segments) {
        this.segments = segments;
    }

    Statement all() {
        Statement body = body(List.of());
        if (at < segments.size()) {
            throw endingTokens.error("\"" + ending + "\" ends nothing");
        }
        return body;
    }

    /// Reads to one of some tags, which is left in `ending`; to the end when there are none.
    private Statement body(List<String> ends) {
        if (++depth > DEEPEST) {
            throw endingTokens.error("nested too deep");
        }
        List<Statement> parts = new ArrayList<>();
        while (at < segments.size()) {
            Segment segment = segments.get(at++);
            Tokens tokens = segment.kind() == Kind.TEXT ? null : new Tokens(segment.text(), segment.line());
            if (tokens == null) {
                parts.add(text(segment.text()));
            } else if (segment.kind() == Kind.VALUE) {
                Expression value = new ExpressionParser(tokens).list();
                tokens.end();
                parts.add((scope, out) -> {
                    out.append(Values.text(value.in(scope)));
                    return Statement.Flow.NEXT;
                });
            } else {
                String name = tokens.name();
                if (ends.contains(name)) {
                    ending = name;
                    endingTokens = tokens;
                    depth--;
                    return Statement.all(parts);
                }
                parts.add(tag(name, tokens));
            }
        }
        if (!ends.isEmpty()) {
            throw new JinjaException("\"" + ends.getLast() + "\" is missing at the end");
        }
        depth--;
        return Statement.all(parts);
    }

    private static Statement text(String text) {
        return (_, out) -> {
            out.append(text);
            return Statement.Flow.NEXT;
        };
    }

    private Statement tag(String name, Tokens tokens) {
        return switch (name) {
            case "if" -> condition(tokens);
            case "for" -> loop(tokens);
            case "set" -> set(tokens);
            case "macro" -> macro(tokens);
            case "generation" -> body(List.of("endgeneration"));
            case "filter" -> filter(tokens);
            case "break" -> (_, _) -> Statement.Flow.BREAK;
            case "continue" -> (_, _) -> Statement.Flow.CONTINUE;
            case "do" -> {
                Expression value = whole(tokens);
                yield (scope, _) -> {
                    Object _ = value.in(scope);
                    return Statement.Flow.NEXT;
                };
            }
            default -> throw tokens.error("no tag \"" + name + "\" is known here");
        };
    }

    private Expression whole(Tokens tokens) {
        Expression value = new ExpressionParser(tokens).list();
        tokens.end();
        return value;
    }

    private Statement condition(Tokens tokens) {
        Expression condition = whole(tokens);
        Statement yes = body(List.of("elif", "else", "endif"));
        Statement no = switch (ending) {
            case "elif" -> condition(endingTokens);
            case "else" -> body(List.of("endif"));
            default -> text("");
        };
        return (scope, out) -> Values.isTrue(condition.in(scope)) ? yes.write(scope, out) : no.write(scope, out);
    }

    private Statement loop(Tokens tokens) {
        List<String> names = names(tokens);
        tokens.expect("in");
        ExpressionParser parser = new ExpressionParser(tokens);
        Expression elements = parser.or();
        Expression condition = tokens.take("if") ? parser.whole() : _ -> true;
        tokens.end();
        Statement body = body(List.of("else", "endfor"));
        Statement otherwise = ending.equals("else") ? body(List.of("endfor")) : text("");
        return new Loop(names, elements, condition, body, otherwise);
    }

    private static List<String> names(Tokens tokens) {
        List<String> names = new ArrayList<>();
        boolean closed = tokens.take("(");
        do {
            names.add(tokens.name());
        } while (tokens.take(","));
        if (closed) {
            tokens.expect(")");
        }
        return names;
    }

    private Statement set(Tokens tokens) {
        String name = tokens.name();
        if (tokens.take(".")) {
            String member = tokens.name();
            tokens.expect("=");
            Expression value = whole(tokens);
            return (scope, _) -> {
                Loop.put(scope.get(name), member, value.in(scope));
                return Statement.Flow.NEXT;
            };
        }
        List<String> names = new ArrayList<>(List.of(name));
        while (tokens.take(",")) {
            names.add(tokens.name());
        }
        if (tokens.take("=")) {
            Expression value = whole(tokens);
            return (scope, _) -> {
                Loop.assign(scope, names, value.in(scope));
                return Statement.Flow.NEXT;
            };
        }
        Written written = new Written();
        Expression filtered = new ExpressionParser(tokens).filters(written);
        tokens.end();
        written.body = body(List.of("endset"));
        return (scope, _) -> {
            scope.set(name, filtered.in(scope));
            return Statement.Flow.NEXT;
        };
    }

    private Statement filter(Tokens tokens) {
        Written written = new Written();
        Expression filtered = new ExpressionParser(tokens).afterPipe(written);
        tokens.end();
        written.body = body(List.of("endfilter"));
        return (scope, out) -> {
            out.append(Values.text(filtered.in(scope)));
            return Statement.Flow.NEXT;
        };
    }

    /// What a body writes, as a value.
    private static final class Written implements Expression {

        private Statement body = text("");

        @Override
        public Object in(Scope scope) {
            StringBuilder out = new StringBuilder();
            body.write(scope.inside(), out);
            return out.toString();
        }
    }

    private Statement macro(Tokens tokens) {
        String name = tokens.name();
        tokens.expect("(");
        Map<String, Expression> parameters = new LinkedHashMap<>();
        while (!tokens.take(")")) {
            String parameter = tokens.name();
            Expression value = tokens.take("=") ? new ExpressionParser(tokens).whole() : _ -> new Undefined(parameter);
            parameters.put(parameter, value);
            if (!tokens.is(")")) {
                tokens.expect(",");
            }
        }
        tokens.end();
        Statement body = body(List.of("endmacro"));
        return (scope, _) -> {
            scope.set(name, (Function) (arguments, named) -> {
                Scope inside = scope.inside();
                int index = 0;
                for (Map.Entry<String, Expression> parameter : parameters.entrySet()) {
                    Object value = named.containsKey(parameter.getKey())
                            ? named.get(parameter.getKey())
                            : index < arguments.size()
                                    ? arguments.get(index)
                                    : parameter.getValue().in(scope);
                    inside.set(parameter.getKey(), value);
                    index++;
                }
                StringBuilder out = new StringBuilder();
                body.write(inside, out);
                return out.toString();
            });
            return Statement.Flow.NEXT;
        };
    }
}
