package org.lewis.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartPicturesTest {

    @Test
    void allChartsAreWrittenAtOnce(@TempDir Path folder) throws IOException {
        Path page = folder.resolve("report.html");
        Samples.report().write(page);
        List<Path> files = ChartPictures.into(folder.resolve("charts")).write(page);
        assertThat(files).hasSize(10).startsWith(folder.resolve("charts").resolve(ReportPageTest.PICTURE + ".png"));
        BufferedImage png = ImageIO.read(files.getFirst().toFile());
        assertThat(png.getWidth()).isEqualTo(3 * 720);
        assertThat(png.getRGB(0, 0)).isEqualTo(Color.WHITE.getRGB());
        assertThat(Files.readString(files.getLast()))
                .startsWith("<svg width=\"720\"")
                .endsWith("</svg>");
        new Report("None", "", List.of(new Section.Text("Nothing", "to draw"))).write(page);
        assertThat(ChartPictures.into(folder).write(page)).isEmpty();
    }

    @Test
    void chartsNeedABrowserAndAReport(@TempDir Path folder) throws IOException {
        Path page = Files.writeString(folder.resolve("page.html"), "<html><body>no report</body></html>");
        assertThatThrownBy(() -> ChartPictures.into(folder).write(page))
                .hasMessage(page + ": no report of this version of Lewis, or its charts could not be drawn");
        assertThatThrownBy(() -> ChartPictures.into(folder).write(folder.resolve("none.html")))
                .hasMessage(folder.resolve("none.html") + ": no such report");
        assertThatThrownBy(() -> ChartPictures.into(folder, Map.of("LEWIS_CHROMIUM", page.toString())))
                .hasMessage("LEWIS_CHROMIUM names " + page + ", which is no program");
        assertThatThrownBy(() -> ChartPictures.into(folder, Map.of("PATH", folder.toString())))
                .hasMessageStartingWith("charts are drawn by Chromium or Chrome, but none is found on the PATH;");
        assertThatThrownBy(() -> ChartPictures.into(page)).hasMessage(page + ": is a file, not a folder for charts");
        Path broken = Files.writeString(folder.resolve("chromium"), "#!/bin/sh\necho no display >&2\nexit 3\n");
        assertThat(broken.toFile().setExecutable(true)).isTrue();
        assertThatThrownBy(() -> ChartPictures.into(folder, Map.of("PATH", folder.toString()))
                        .write(page))
                .hasMessage(broken + " failed with exit code 3: no display");
        assertThat(folder.resolve("charts")).doesNotExist();
    }
}
