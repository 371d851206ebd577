package org.lewis.recipe;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.lewis.document.Node;

/// Numbers and flags as recipes of the field write them: in quotes, too, and flags in the words of YAML 1.1, which
/// mergekit reads.
final class Scalars {

    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

    private Scalars() {}

    /// Empty for what is no number.
    static OptionalDouble number(Node node) {
        if (node.isNumber()) {
            return OptionalDouble.of(node.number());
        }
        return node.isText() && NUMBER.matcher(node.text()).matches()
                ? OptionalDouble.of(Double.parseDouble(node.text()))
                : OptionalDouble.empty();
    }

    /// Empty for what is no flag.
    static Optional<Boolean> flag(Node node) {
        if (node.isFlag()) {
            return Optional.of(node.flag());
        }
        return switch (node.isText() ? node.text().toLowerCase(Locale.ROOT) : "") {
            case "true", "yes", "on" -> Optional.of(true);
            case "false", "no", "off" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
