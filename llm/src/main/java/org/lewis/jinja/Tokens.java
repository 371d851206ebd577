package org.lewis.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The words of an expression or a tag, read one after the other.
final class Tokens {

    private enum Kind {
        NAME,
        TEXT,
        NUMBER,
        SIGN,
        END
    }

    private record Token(Kind kind, String text) {}

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(?:(?<name>[A-Za-z_]\\w*)|(?<number>\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)"
                + "|(?<text>'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\")|(?<sign>==|!=|<=|>=|//|\\*\\*|[-+*/%~<>=()\\[\\]{}:,.|]))",
            Pattern.DOTALL);

    private final List<Token> tokens = new ArrayList<>();
    private final String source;
    private final int line;
    private int at;

    /// @param line where it stands in the template
    Tokens(String source, int line) {
        this.source = source;
        this.line = line;
        Matcher matcher = TOKEN.matcher(source);
        int from = 0;
        while (matcher.region(from, source.length()).lookingAt()) {
            for (Kind kind : List.of(Kind.NAME, Kind.NUMBER, Kind.TEXT, Kind.SIGN)) {
                String text = matcher.group(kind.name().toLowerCase(java.util.Locale.ROOT));
                if (text != null) {
                    tokens.add(new Token(kind, kind == Kind.TEXT ? unescaped(text) : text));
                }
            }
            from = matcher.end();
        }
        if (!source.substring(from).isBlank()) {
            throw error("cannot read \"" + source.substring(from).strip() + "\"");
        }
        tokens.add(new Token(Kind.END, "the end"));
    }

    JinjaException error(String problem) {
        return new JinjaException("line " + line + ": " + problem);
    }

    boolean isEnd() {
        return tokens.get(at).kind() == Kind.END;
    }

    /// Whether a name, a text, a number or an opening bracket is next.
    boolean isOperand() {
        Token token = tokens.get(at);
        return switch (token.kind()) {
            case NAME -> !List.of("else", "or", "and", "is", "if", "in", "not").contains(token.text());
            case TEXT, NUMBER -> true;
            case SIGN -> List.of("[", "{").contains(token.text());
            case END -> false;
        };
    }

    boolean isText() {
        return tokens.get(at).kind() == Kind.TEXT;
    }

    boolean isNumber() {
        return tokens.get(at).kind() == Kind.NUMBER;
    }

    boolean isName() {
        return tokens.get(at).kind() == Kind.NAME;
    }

    /// Whether that name or sign is next.
    boolean is(String word) {
        Token token = tokens.get(at);
        return (token.kind() == Kind.NAME || token.kind() == Kind.SIGN)
                && token.text().equals(word);
    }

    boolean isAfter(String word) {
        at++;
        boolean found = at < tokens.size() && is(word);
        at--;
        return found;
    }

    /// Reads that name or sign if it is next.
    boolean take(String word) {
        boolean found = is(word);
        at += found ? 1 : 0;
        return found;
    }

    void expect(String word) {
        if (!take(word)) {
            throw error("expected \"" + word + "\", found " + tokens.get(at).text() + " in \"" + source.strip() + "\"");
        }
    }

    String next() {
        return tokens.get(at++).text();
    }

    String name() {
        if (!isName()) {
            throw error("expected a name, found " + tokens.get(at).text() + " in \"" + source.strip() + "\"");
        }
        return next();
    }

    void end() {
        if (!isEnd()) {
            throw error("\"" + tokens.get(at).text() + "\" is too much in \"" + source.strip() + "\"");
        }
    }

    private static String unescaped(String quoted) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = quoted.charAt(++i);
            switch (escaped) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case '\\', '\'', '"' -> text.append(escaped);
                case 'u' -> {
                    boolean hex = quoted.substring(i + 1).matches("(?s)[0-9a-fA-F]{4}.*");
                    text.append(hex ? (char) Integer.parseInt(quoted.substring(i + 1, i + 5), 16) : 'u');
                    i += hex ? 4 : 0;
                }
                default -> text.append('\\').append(escaped);
            }
        }
        return text.toString();
    }
}
