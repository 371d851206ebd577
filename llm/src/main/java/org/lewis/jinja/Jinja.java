package org.lewis.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// A Jinja template, as far as the chat templates of language models use the language: values with filters and tests,
/// `if`, `for`, `set`, `macro`, `filter`, `generation`, `raw`, `break` and `continue`. There is no inheritance, no
/// include and no way to a file or to Java.
///
/// @see <a href="https://jinja.palletsprojects.com/en/stable/templates/">Jinja's template designer documentation</a>
public final class Jinja {

    /// Numbers that `range` gives at most.
    private static final long LONGEST_RANGE = 100_000;

    private final Statement statement;

    private Jinja(Statement statement) {
        this.statement = statement;
    }

    /// @throws JinjaException with the line, when it is no template
    public static Jinja parse(String template) {
        return new Jinja(new StatementParser(Segments.of(template)).all());
    }

    /// What the template makes of values: null, `Boolean`, `Long`, `Double`, `String`, `List`, `Map` and [Function].
    ///
    /// @throws JinjaException when it refuses them, or needs others
    public String render(Map<String, ?> values) {
        Map<String, Object> all = new LinkedHashMap<>(Map.of(
                "range", (Function) (arguments, _) -> range(arguments),
                "namespace", (Function) (arguments, named) -> mapping(arguments, named),
                "dict", (Function) (arguments, named) -> mapping(arguments, named),
                "raise_exception",
                        (Function) (arguments, _) -> {
                            throw new JinjaException(Values.text(arguments.getFirst()));
                        }));
        all.putAll(values);
        StringBuilder out = new StringBuilder();
        try {
            statement.write(Scope.of(all), out);
        } catch (StackOverflowError e) {
            throw new JinjaException("the template calls itself without end");
        } catch (ClassCastException | IndexOutOfBoundsException | java.util.NoSuchElementException e) {
            throw new JinjaException("a function or filter was given what it cannot take: " + e.getMessage());
        } catch (NumberFormatException e) {
            throw new JinjaException("no number: " + e.getMessage());
        }
        return out.toString();
    }

    private static Object range(List<Object> arguments) {
        long from = arguments.size() > 1 ? Members.whole(arguments.get(0)) : 0;
        long to = Members.whole(arguments.get(arguments.size() > 1 ? 1 : 0));
        long step = arguments.size() > 2 ? Members.whole(arguments.get(2)) : 1;
        if (step == 0 || (to - from) / step > LONGEST_RANGE) {
            throw new JinjaException("a range of steps of 0, or of more than " + LONGEST_RANGE);
        }
        List<Object> numbers = new ArrayList<>();
        LongStream.iterate(from, i -> step > 0 ? i < to : i > to, i -> i + step).forEach(numbers::add);
        return numbers;
    }

    private static Object mapping(List<Object> arguments, Map<String, Object> named) {
        Map<Object, Object> mapping = new LinkedHashMap<>();
        arguments.forEach(argument -> mapping.putAll((Map<?, ?>) argument));
        mapping.putAll(named);
        return mapping;
    }
}
