package org.lewis.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.lewis.checkpoint.Sha256;
import org.lewis.document.Json;

/// Turns a report into a page: tables and text become HTML, charts become data that the page's script draws.
final class Page {

    /// Lines of a document that a reader need not open.
    private static final int SHORT_DOCUMENT = 40;

    private final Report report;
    private final List<Object> charts = new ArrayList<>();
    private int tables;

    Page(Report report) {
        this.report = report;
    }

    String html() {
        StringBuilder sections = new StringBuilder();
        report.sections().forEach(section -> sections.append(section(section)));
        String library = resource("echarts.min.js");
        String drawing = resource("page.js");
        // Scripts run by their hash, so that no text could become one even if it escaped.
        String policy = "default-src 'none'; script-src " + hash(library) + " " + hash(drawing)
                + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="%s">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <title>%s</title>
            <style>
            """.formatted(policy, Html.text(report.title()))
                + resource("page.css")
                + "</style>\n</head>\n<body>\n<header>\n<h1>" + Html.text(report.title()) + "</h1>\n"
                + paragraphs("lead", report.lead())
                + "</header>\n<main>\n" + sections
                + "<noscript><p>The charts need JavaScript; their numbers are in the tables below"
                + " them.</p></noscript>\n"
                + "</main>\n"
                + "<footer><p>Made with Lewis</p></footer>\n"
                + "<script"
                + " type=\"application/json\""
                + " id=\"data\">" + Html.script(Json.compact(charts)) + "</script>\n"
                + "<script>" + library + "</script>\n<script>" + drawing + "</script>\n</body>\n</html>\n";
    }

    private String section(Section section) {
        return switch (section) {
            case Section.Table table -> {
                tables++;
                yield part("table-" + tables, "Table " + tables, table.title(), table.note())
                        + TableHtml.of(table.columns(), table.rows()) + "</section>\n";
            }
            case Section.HeatMap map -> figure(map.title(), map.note(), ChartData.of(map), ChartData.table(map));
            case Section.Bars(String title, String note, Axis groups, String measure, List<Series> series) ->
                figure(title, note, ChartData.of("bars", groups, measure, series), ChartData.table(groups, series));
            case Section.Lines(String title, String note, Axis across, String measure, List<Series> series) ->
                figure(title, note, ChartData.of("lines", across, measure, series), ChartData.table(across, series));
            case Section.Histogram histogram ->
                figure(
                        histogram.title(),
                        histogram.note(),
                        ChartData.of(histogram),
                        ChartData.table(histogram.bins(), histogram.series()));
            case Section.Text text -> part("", "", text.title(), "") + paragraphs("", text.body()) + "</section>\n";
            case Section.Code code -> part("", "", code.title(), "") + document(code.body()) + "</section>\n";
        };
    }

    private static String document(String body) {
        String block = "<pre tabindex=\"0\"><code>" + Html.text(body) + "</code></pre>";
        long lines = body.lines().count();
        return lines <= SHORT_DOCUMENT
                ? block
                : "<details><summary>" + lines + " lines</summary>" + block + "</details>";
    }

    private String figure(String title, String note, Map<String, Object> data, String table) {
        charts.add(data);
        int number = charts.size();
        return part("figure-" + number, "Figure " + number, title, note)
                + "<div class=\"chart\" role=\"img\" aria-label=\"" + Html.text(title) + "\"></div>\n"
                + "<div class=\"below\"><details><summary>Numbers</summary>" + table + "</details>"
                + "<p class=\"save\">Save as <button type=\"button\">PNG</button>"
                + " <button type=\"button\">SVG</button></p></div></section>\n";
    }

    private static String part(String id, String label, String title, String note) {
        return "<section" + (id.isEmpty() ? "" : " id=\"" + id + "\"") + ">\n"
                + (label.isEmpty() ? "" : "<p class=\"label\">" + label + "</p>")
                + "<h2>" + Html.text(title) + "</h2>\n" + paragraphs("note", note);
    }

    private static String paragraphs(String style, String text) {
        StringBuilder html = new StringBuilder();
        for (String paragraph : text.strip().split("\\R\\s*\\R", -1)) {
            if (!paragraph.isBlank()) {
                html.append(style.isEmpty() ? "<p>" : "<p class=\"" + style + "\">")
                        .append(Html.text(paragraph))
                        .append("</p>\n");
            }
        }
        return html.toString();
    }

    private static String hash(String script) {
        byte[] digest = Sha256.bytes(script.getBytes(StandardCharsets.UTF_8));
        return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }

    private static String resource(String name) {
        try (InputStream stream = Page.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException(name + " is missing from the class path");
            }
            // A browser hashes scripts after it has read every line end as a line feed.
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
