package org.lewis.recipe;

import org.lewis.document.Node;

/// Semi-structured sparsity, `2:4`: of each `of` neighbours in a row, `kept` stay.
public record Pattern(int kept, int of) {

    private static final java.util.regex.Pattern WRITTEN = java.util.regex.Pattern.compile("(\\d{1,3}):(\\d{1,3})");

    public Pattern {
        if (kept < 1 || kept >= of) {
            throw new IllegalArgumentException(kept + ":" + of + " keeps none or all of each " + of);
        }
    }

    /// @throws org.lewis.document.DocumentException for anything else than `2:4`
    static Pattern parse(Node node) {
        java.util.regex.Matcher matcher = WRITTEN.matcher(node.isText() ? node.text() : "");
        if (matcher.matches()) {
            int kept = Integer.parseInt(matcher.group(1));
            int of = Integer.parseInt(matcher.group(2));
            if (kept >= 1 && kept < of) {
                return new Pattern(kept, of);
            }
        }
        throw node.expected("a pattern such as \"2:4\", which keeps 2 of each 4 neighbours");
    }

    /// Share that is kept.
    public double density() {
        return (double) kept / of;
    }

    @Override
    public String toString() {
        return kept + ":" + of;
    }
}
