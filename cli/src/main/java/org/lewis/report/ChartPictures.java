package org.lewis.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The charts of pages as PNG and SVG files for papers: what their buttons save, drawn by a browser without a window.
public final class ChartPictures {

    /// Asks the page for all its pictures.
    private static final String ASKED = "pictures";

    private static final Pattern LIST = Pattern.compile("<pre id=\"pictures\"[^>]*>([^<]*)</pre>");
    private static final Pattern PICTURE = Pattern.compile("(figure-\\d+[a-z0-9-]*\\.(?:png|svg)) ([A-Za-z0-9+/=]+)");

    private final Path folder;
    private final Browser browser;

    private ChartPictures(Path folder, Browser browser) {
        this.folder = folder;
        this.browser = browser;
    }

    /// Looks for what will be needed, before anybody makes a page.
    ///
    /// @param folder is made where it is not there, but only for pictures
    /// @throws IOException when there is no browser, or the folder cannot be one
    public static ChartPictures into(Path folder) throws IOException {
        return into(folder, System.getenv());
    }

    static ChartPictures into(Path folder, Map<String, String> environment) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IOException(folder + ": is a file, not a folder for charts");
        }
        return new ChartPictures(folder, Browser.find(environment));
    }

    /// Writes two files for each chart, `figure-1-scores.png` and `.svg`.
    ///
    /// @param page a report
    /// @return the files, in the order of the page; empty when it has no chart
    /// @throws IOException when the page is no report
    public List<Path> write(Path page) throws IOException {
        if (!Files.isRegularFile(page)) {
            throw new IOException(page + ": no such report");
        }
        Matcher list = LIST.matcher(browser.document(page.toAbsolutePath(), ASKED));
        if (!list.find()) {
            throw new IOException(page + ": no report of this version of Lewis, or its charts could not be drawn");
        }
        Files.createDirectories(folder);
        List<Path> files = new ArrayList<>();
        Matcher picture = PICTURE.matcher(list.group(1));
        while (picture.find()) {
            Path file = folder.resolve(picture.group(1));
            Files.write(file, Base64.getDecoder().decode(picture.group(2)));
            files.add(file);
        }
        return files;
    }
}
