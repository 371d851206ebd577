package org.lewis.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads what stands between operators: literals, names, brackets, and what follows them closely, such as
/// members, calls and filters.
final class OperandParser {

    private final Tokens tokens;
    private final ExpressionParser expressions;

    /// @param expressions reads what stands in brackets
    OperandParser(Tokens tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    /// A value with its members and calls.
    Expression operand() {
        return postfix(primary());
    }

    private Expression primary() {
        if (tokens.isText()) {
            StringBuilder text = new StringBuilder(tokens.next());
            while (tokens.isText()) {
                text.append(tokens.next());
            }
            String whole = text.toString();
            return _ -> whole;
        }
        if (tokens.isNumber()) {
            String digits = tokens.next();
            Object number = number(digits);
            return _ -> number;
        }
        if (tokens.isName()) {
            String name = tokens.name();
            return switch (name) {
                case "true", "True" -> _ -> true;
                case "false", "False" -> _ -> false;
                case "none", "None" -> _ -> null;
                default -> scope -> scope.get(name);
            };
        }
        if (tokens.take("(")) {
            return parenthesis();
        }
        if (tokens.take("[")) {
            return listOf(elements("]"));
        }
        if (tokens.take("{")) {
            return mapping();
        }
        throw tokens.error("expected a value, found " + tokens.next());
    }

    private Object number(String digits) {
        try {
            return digits.matches("\\d+") ? (Object) Long.parseLong(digits) : (Object) Double.parseDouble(digits);
        } catch (NumberFormatException e) {
            throw tokens.error("the number " + digits + " is too large");
        }
    }

    private Expression parenthesis() {
        if (tokens.take(")")) {
            return listOf(List.of());
        }
        Expression value = expressions.whole();
        if (tokens.is(",")) {
            List<Expression> all = new ArrayList<>(List.of(value));
            while (tokens.take(",") && !tokens.is(")")) {
                all.add(expressions.whole());
            }
            value = listOf(all);
        }
        tokens.expect(")");
        return value;
    }

    private List<Expression> elements(String end) {
        List<Expression> elements = new ArrayList<>();
        while (!tokens.take(end)) {
            elements.add(expressions.whole());
            if (!tokens.is(end)) {
                tokens.expect(",");
            }
        }
        return elements;
    }

    private Expression mapping() {
        Map<Expression, Expression> members = new LinkedHashMap<>();
        while (!tokens.take("}")) {
            Expression key = expressions.whole();
            tokens.expect(":");
            members.put(key, expressions.whole());
            if (!tokens.is("}")) {
                tokens.expect(",");
            }
        }
        return scope -> {
            Map<Object, Object> map = new LinkedHashMap<>();
            members.forEach((key, value) -> map.put(key.in(scope), value.in(scope)));
            return map;
        };
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            Expression owner = value;
            if (tokens.take(".")) {
                String name = tokens.isNumber() ? tokens.next() : tokens.name();
                value = scope -> Members.attribute(owner.in(scope), name);
            } else if (tokens.take("[")) {
                value = subscript(owner);
            } else if (tokens.take("(")) {
                Call call = call();
                value = scope -> call.of(owner.in(scope), scope);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression owner) {
        List<Expression> parts = new ArrayList<>();
        boolean slice = false;
        while (!tokens.take("]")) {
            if (tokens.take(":")) {
                slice = true;
                parts.add(null);
            } else {
                parts.add(expressions.whole());
            }
            if (tokens.isEnd()) {
                throw tokens.error("\"]\" is missing");
            }
        }
        if (!slice) {
            if (parts.size() != 1) {
                throw tokens.error("expected one index between brackets");
            }
            Expression index = parts.getFirst();
            return scope -> Members.item(owner.in(scope), index.in(scope));
        }
        Expression[] ends = new Expression[3];
        int at = 0;
        for (Expression part : parts) {
            if (part == null) {
                at++;
            } else if (at < 3) {
                ends[at] = part;
            }
        }
        return scope -> Members.slice(
                owner.in(scope), valueOf(ends[0], scope), valueOf(ends[1], scope), valueOf(ends[2], scope));
    }

    private static Object valueOf(Expression expression, Scope scope) {
        return expression == null ? null : expression.in(scope);
    }

    /// After the opening parenthesis.
    Call call() {
        List<Expression> arguments = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.take(")")) {
            if (tokens.isName() && tokens.isAfter("=")) {
                String name = tokens.name();
                tokens.expect("=");
                named.put(name, expressions.whole());
            } else {
                arguments.add(expressions.whole());
            }
            if (!tokens.is(")")) {
                tokens.expect(",");
            }
        }
        return new Call(arguments, named);
    }

    /// What the filters and tests that follow make of a value.
    Expression filtered(Expression start) {
        Expression value = start;
        while (true) {
            Expression input = value;
            if (tokens.take("|")) {
                value = filter(input);
            } else if (tokens.take("is")) {
                value = test(input);
            } else {
                return value;
            }
        }
    }

    private Expression test(Expression input) {
        boolean negated = tokens.take("not");
        String name = tokens.name();
        List<Expression> arguments = List.of();
        if (tokens.take("(")) {
            arguments = call().arguments();
        } else if (tokens.isOperand()) {
            arguments = List.of(operand());
        }
        List<Expression> given = arguments;
        return scope -> {
            List<Object> values = new ArrayList<>();
            given.forEach(argument -> values.add(argument.in(scope)));
            return Tests.holds(name, input.in(scope), values) != negated;
        };
    }

    /// After the sign of a filter.
    Expression filter(Expression input) {
        String name = tokens.name();
        Call call = tokens.take("(") ? call() : Call.EMPTY;
        return scope -> Filters.apply(name, input.in(scope), call.values(scope), call.namedValues(scope));
    }

    static Expression listOf(List<Expression> elements) {
        return scope -> {
            List<Object> list = new ArrayList<>();
            elements.forEach(element -> list.add(element.in(scope)));
            return list;
        };
    }
}
