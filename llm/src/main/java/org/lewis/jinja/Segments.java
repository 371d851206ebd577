package org.lewis.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts a template into text, values and tags. Blanks around them are dropped as Jinja does with `trim_blocks` and
/// `lstrip_blocks`, which chat templates are written for.
final class Segments {

    enum Kind {
        TEXT,
        VALUE,
        TAG
    }

    /// @param line where it begins
    record Segment(Kind kind, String text, int line) {}

    private static final Pattern END_RAW = Pattern.compile("\\{%[-+]?\\s*endraw\\s*[-+]?%}");
    private static final Pattern RAW = Pattern.compile("\\s*raw\\s*");

    private final String source;
    private final List<Segment> segments = new ArrayList<>();

    private Segments(String source) {
        this.source = source;
    }

    static List<Segment> of(String template) {
        String unix = template.replace("\r\n", "\n");
        Segments segments = new Segments(unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix);
        segments.cut();
        return segments.segments;
    }

    private void cut() {
        int at = 0;
        while (at < source.length()) {
            int open = opening(at);
            if (open < 0) {
                add(Kind.TEXT, source.substring(at), at);
                return;
            }
            char kind = source.charAt(open + 1);
            String close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
            int end = closing(open + 2, close, kind);
            boolean minus = source.startsWith("-", open + 2);
            boolean plus = source.startsWith("+", open + 2);
            add(Kind.TEXT, before(source.substring(at, open), kind, minus, plus, at == 0), at);
            int from = open + 2 + (minus || plus ? 1 : 0);
            char last = source.charAt(end - 1);
            boolean signed = end > from && (last == '-' || last == '+');
            String inside = source.substring(from, Math.max(from, signed ? end - 1 : end));
            at = after(end + 2, kind, signed ? last : ' ');
            if (kind == '%' && RAW.matcher(inside).matches()) {
                at = raw(at);
            } else if (kind != '#') {
                add(kind == '{' ? Kind.VALUE : Kind.TAG, inside, open);
            }
        }
    }

    private int opening(int from) {
        for (int at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1)) {
            if (at + 1 < source.length() && "{%#".indexOf(source.charAt(at + 1)) >= 0) {
                return at;
            }
        }
        return -1;
    }

    /// The end of a tag, outside of quotes and of brackets.
    private int closing(int from, String close, char kind) {
        char quote = 0;
        int open = 0;
        for (int at = from; at < source.length(); at++) {
            char c = source.charAt(at);
            if (quote != 0) {
                at += c == '\\' ? 1 : 0;
                quote = c == quote ? 0 : quote;
            } else if (open == 0 && source.startsWith(close, at)) {
                return at;
            } else if (kind != '#') {
                quote = c == '\'' || c == '"' ? c : 0;
                open = Math.max(0, open + (c == '{' ? 1 : 0) - (c == '}' ? 1 : 0));
            }
        }
        throw new JinjaException("line " + line(from) + ": \"" + close + "\" is missing");
    }

    private static String before(String text, char kind, boolean minus, boolean plus, boolean first) {
        if (minus) {
            return text.stripTrailing();
        }
        if (kind == '{' || plus) {
            return text;
        }
        int start = text.lastIndexOf('\n') + 1;
        boolean alone = (start > 0 || first) && text.substring(start).isBlank();
        return alone ? text.substring(0, start) : text;
    }

    private int after(int at, char kind, char sign) {
        int next = at;
        if (sign == '-') {
            while (next < source.length() && Character.isWhitespace(source.charAt(next))) {
                next++;
            }
        } else if (kind != '{' && sign != '+' && source.startsWith("\n", next)) {
            next++;
        }
        return next;
    }

    private int raw(int from) {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(from)) {
            throw new JinjaException("line " + line(from) + ": \"endraw\" is missing");
        }
        add(Kind.TEXT, source.substring(from, end.start()), from);
        return after(end.end(), '%', end.group().charAt(end.group().length() - 3));
    }

    private void add(Kind kind, String text, int at) {
        if (kind != Kind.TEXT || !text.isEmpty()) {
            segments.add(new Segment(kind, text, line(at)));
        }
    }

    private int line(int at) {
        return (int) source.substring(0, Math.min(at, source.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count()
                + 1;
    }
}
