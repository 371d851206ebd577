package org.lewis.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/// Reads expressions with Jinja's precedence: conditional, `or`, `and`, `not`, comparisons, sums, `~`, products, and
/// closest the [operands][OperandParser] with their filters and tests.
final class ExpressionParser {

    /// Deeper nesting is a mistake or worse.
    private static final int DEEPEST = 200;

    private final Tokens tokens;
    private final OperandParser operands;
    private int depth;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this);
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
        return OperandParser.listOf(all);
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
            Expression value = operands.operand();
            return operands.filtered(scope -> Values.arithmetic('-', 0L, value.in(scope)));
        }
        tokens.take("+");
        return operands.filtered(operands.operand());
    }

    /// Arguments, after the opening parenthesis.
    Call call() {
        return operands.call();
    }

    /// Filters of a `set` block, each applied to what the one before it gave.
    Expression filters(Expression start) {
        return operands.filtered(start);
    }

    /// The same for a `filter` block, whose first filter has no sign before it.
    Expression afterPipe(Expression start) {
        return operands.filtered(operands.filter(start));
    }

    private static Expression both(Expression left, Expression right, BinaryOperator<Object> operator) {
        return scope -> operator.apply(left.in(scope), right.in(scope));
    }
}
