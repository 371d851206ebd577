package org.lewis.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/// Reads expressions with Jinja's precedence: conditional, `or`, `and`, `not`, comparisons, sums, `~`, products, and
/// closest filters and tests.
final class ExpressionParser {

    /// Deeper nesting is a mistake or worse.
    private static final int DEEPEST = 200;

    private final Tokens tokens;
    private int depth;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /// A value, or several with commas between them, which are a list.
    Expression list() {
        Expression first = whole();
        if (!tokens.is(",")) {
            return first;
        }
        List<Expression> all = new ArrayList<>(List.of(first));
        while (tokens.take(",") && !tokens.isEnd()) {
            all.add(whole());
        }
        return listOf(all);
    }

    Expression whole() {
        if (++depth > DEEPEST) {
            throw tokens.error("nested too deep");
        }
        Expression value = or();
        while (tokens.take("if")) {
            Expression yes = value;
            Expression condition = or();
            Expression no = tokens.take("else") ? whole() : _ -> new Undefined("else");
            value = scope -> Values.isTrue(condition.in(scope)) ? yes.in(scope) : no.in(scope);
        }
        depth--;
        return value;
    }

    /// Without `if`, which is a condition of a loop.
    Expression or() {
        Expression left = and();
        while (tokens.take("or")) {
            Expression first = left;
            Expression second = and();
            left = scope -> {
                Object value = first.in(scope);
                return Values.isTrue(value) ? value : second.in(scope);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.take("and")) {
            Expression first = left;
            Expression second = not();
            left = scope -> {
                Object value = first.in(scope);
                return Values.isTrue(value) ? second.in(scope) : value;
            };
        }
        return left;
    }

    private Expression not() {
        if (tokens.take("not")) {
            if (++depth > DEEPEST) {
                throw tokens.error("nested too deep");
            }
            Expression value = not();
            depth--;
            return scope -> !Values.isTrue(value.in(scope));
        }
        return comparison();
    }

    private Expression comparison() {
        Expression left = sum();
        while (true) {
            if (tokens.take("==")) {
                left = both(left, sum(), Values::areEqual);
            } else if (tokens.take("!=")) {
                left = both(left, sum(), (a, b) -> !Values.areEqual(a, b));
            } else if (tokens.take("<")) {
                left = both(left, sum(), (a, b) -> Values.compare(a, b) < 0);
            } else if (tokens.take(">")) {
                left = both(left, sum(), (a, b) -> Values.compare(a, b) > 0);
            } else if (tokens.take("<=")) {
                left = both(left, sum(), (a, b) -> Values.compare(a, b) <= 0);
            } else if (tokens.take(">=")) {
                left = both(left, sum(), (a, b) -> Values.compare(a, b) >= 0);
            } else if (tokens.take("in")) {
                left = both(left, sum(), (a, b) -> Values.contains(b, a));
            } else if (tokens.is("not") && tokens.isAfter("in")) {
                tokens.expect("not");
                tokens.expect("in");
                left = both(left, sum(), (a, b) -> !Values.contains(b, a));
            } else {
                return left;
            }
        }
    }

    private Expression sum() {
        Expression left = joined();
        while (tokens.is("+") || tokens.is("-")) {
            boolean plus = tokens.next().equals("+");
            left = both(left, joined(), plus ? Values::add : (a, b) -> Values.arithmetic('-', a, b));
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (tokens.take("~")) {
            left = both(left, product(), (a, b) -> Values.text(a) + Values.text(b));
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (tokens.is("*") || tokens.is("/") || tokens.is("//") || tokens.is("%")) {
            String sign = tokens.next();
            char operator = sign.equals("//") ? ':' : sign.charAt(0);
            left = both(left, power(), (a, b) -> Values.arithmetic(operator, a, b));
        }
        return left;
    }

    private Expression power() {
        Expression left = unary();
        while (tokens.take("**")) {
            left = both(left, unary(), (a, b) -> Values.arithmetic('^', a, b));
        }
        return left;
    }

    private Expression unary() {
        if (tokens.take("-")) {
            Expression value = postfix(primary());
            return filtered(scope -> Values.arithmetic('-', 0L, value.in(scope)));
        }
        tokens.take("+");
        return filtered(postfix(primary()));
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
        Expression value = whole();
        if (tokens.is(",")) {
            List<Expression> all = new ArrayList<>(List.of(value));
            while (tokens.take(",") && !tokens.is(")")) {
                all.add(whole());
            }
            value = listOf(all);
        }
        tokens.expect(")");
        return value;
    }

    private List<Expression> elements(String end) {
        List<Expression> elements = new ArrayList<>();
        while (!tokens.take(end)) {
            elements.add(whole());
            if (!tokens.is(end)) {
                tokens.expect(",");
            }
        }
        return elements;
    }

    private Expression mapping() {
        Map<Expression, Expression> members = new LinkedHashMap<>();
        while (!tokens.take("}")) {
            Expression key = whole();
            tokens.expect(":");
            members.put(key, whole());
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
                parts.add(whole());
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

    /// After the opening parenthesis.
    Call call() {
        List<Expression> arguments = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.take(")")) {
            if (tokens.isName() && tokens.isAfter("=")) {
                String name = tokens.name();
                tokens.expect("=");
                named.put(name, whole());
            } else {
                arguments.add(whole());
            }
            if (!tokens.is(")")) {
                tokens.expect(",");
            }
        }
        return new Call(arguments, named);
    }

    private Expression filtered(Expression start) {
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
            arguments = List.of(postfix(primary()));
        }
        List<Expression> given = arguments;
        return scope -> {
            List<Object> values = new ArrayList<>();
            given.forEach(argument -> values.add(argument.in(scope)));
            return Tests.holds(name, input.in(scope), values) != negated;
        };
    }

    /// Filters of a `set` block, each applied to what the one before it gave.
    Expression filters(Expression start) {
        return filtered(start);
    }

    /// The same for a `filter` block, whose first filter has no sign before it.
    Expression afterPipe(Expression start) {
        return filtered(filter(start));
    }

    private Expression filter(Expression input) {
        String name = tokens.name();
        Call call = tokens.take("(") ? call() : Call.EMPTY;
        return scope -> Filters.apply(name, input.in(scope), call.values(scope), call.namedValues(scope));
    }

    private static Expression listOf(List<Expression> elements) {
        return scope -> {
            List<Object> list = new ArrayList<>();
            elements.forEach(element -> list.add(element.in(scope)));
            return list;
        };
    }

    private static Expression both(Expression left, Expression right, BinaryOperator<Object> operator) {
        return scope -> operator.apply(left.in(scope), right.in(scope));
    }
}
