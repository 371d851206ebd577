package org.lewis.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lewis.checkpoint.BesideFile;

/// Results on one page: a single HTML file that needs no network and no other file.
///
/// The same report gives the same bytes. Everything in it is shown as text, whatever it contains.
///
/// @param lead what the page is about, in a sentence or two; may be empty
public record Report(String title, String lead, List<Section> sections) {

    public Report {
        sections = List.copyOf(sections);
    }

    /// The whole page.
    public String html() {
        return new Page(this).html();
    }

    /// Writes the page beside its place and moves it there, so that nobody sees half of it.
    public void write(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        Files.createDirectories(target.getParent());
        try (BesideFile beside = BesideFile.open(target)) {
            var bytes = StandardCharsets.UTF_8.encode(html());
            while (bytes.hasRemaining()) {
                beside.channel().write(bytes);
            }
            beside.channel().force(true);
            beside.publish();
        }
    }
}
