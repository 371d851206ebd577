package org.lewis.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/// The page as a browser shows it.
class ReportPageTest {

    /// What pictures of the first chart of the samples are called.
    static final String PICTURE = "figure-1-what-a-merge-keeps";

    private static final Path SCREENSHOTS = Path.of("target/report");

    private static ChromeDriver browser;

    @BeforeAll
    static void startBrowser(@TempDir Path profile) throws IOException {
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(installed("chromium", "chromium-browser", "google-chrome"));
        options.setCapability("goog:loggingPrefs", logs);
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile.toAbsolutePath());
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(installed("chromedriver"))
                .usingAnyFreePort()
                .build();
        browser = new ChromeDriver(service, options);
        Files.createDirectories(SCREENSHOTS);
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.quit();
        }
    }

    @BeforeEach
    void asOnADesk() {
        look("light");
        window(1200, 900);
    }

    @Test
    void chartsAndTablesAreDrawn() throws IOException {
        show(Samples.report(), "report");
        assertThat(browser.getTitle()).isEqualTo("Merging a mathematician and a programmer");
        assertThat(browser.findElements(By.cssSelector("section"))).hasSize(8);
        assertThat(browser.findElement(By.cssSelector("#table-1 tbody tr:nth-child(3) strong"))
                        .getText())
                .isEqualTo("1.000");
        List<WebElement> drawings = browser.findElements(By.cssSelector(".chart svg"));
        assertThat(drawings).hasSize(5);
        for (WebElement drawing : drawings) {
            assertThat(drawing.findElements(By.cssSelector("path")).size()).isGreaterThan(10);
            assertThat(drawing.getSize().getWidth()).isGreaterThan(600);
            assertThat(drawing.getSize().getHeight()).isGreaterThan(200);
        }
        screenshot("light");
        assertQuiet();
    }

    @Test
    void nothingIsLoadedFromElsewhere() throws IOException {
        browser.manage().logs().get(LogType.PERFORMANCE);
        show(Samples.report(), "report");
        List<String> requests = browser.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .map(LogEntry::getMessage)
                .filter(message -> message.contains("\"Network.requestWillBeSent\""))
                .toList();
        assertThat(requests).isNotEmpty().allMatch(request -> request.contains("\"url\":\"file:"));
        assertThat((Long) browser.executeScript("return performance.getEntriesByType('resource').length"))
                .isZero();
    }

    @Test
    void darkReadersGetADarkPage() throws IOException {
        show(Samples.report(), "report");
        String light = colour("body", "background-color");
        String lightBar = browser.findElement(By.cssSelector("#figure-1 svg")).getDomProperty("innerHTML");
        look("dark");
        assertThat(colour("body", "background-color")).isNotEqualTo(light);
        assertThat(browser.findElement(By.cssSelector("#figure-1 svg")).getDomProperty("innerHTML"))
                .isNotEqualTo(lightBar);
        screenshot("dark");
        assertQuiet();
    }

    @Test
    void aPhoneShowsEverythingWithoutScrollingSideways() throws IOException {
        show(Samples.report(), "report");
        window(360, 780);
        assertFitsWidth();
        assertThat(browser.findElement(By.cssSelector("#figure-2 svg"))
                        .getSize()
                        .getWidth())
                .isBetween(300, 360);
        screenshot("phone");
        show(Samples.hostile(), "hostile");
        assertFitsWidth();
        assertQuiet();
    }

    @Test
    void hoveringShowsTheNumbers() throws IOException {
        show(Samples.report(), "report");
        WebElement chart = browser.findElement(By.cssSelector("#figure-1 .chart"));
        browser.executeScript("arguments[0].scrollIntoView({block: 'center'})", chart);
        new Actions(browser).moveToElement(chart).perform();
        assertThat(browser.findElement(By.cssSelector("#figure-1 .hint")).getText())
                .contains("arithmetic", " ± 0.0");
        screenshot("hover");
    }

    @Test
    void cutsAreDrawnWhereTheyLie() throws IOException {
        show(Samples.report(), "report");
        assertThat(browser.findElement(By.cssSelector("#figure-5 svg")).getDomProperty("textContent"))
                .contains("math at density 0.5", "code at density 0.5", "10⁻⁵");
        assertThat(browser.findElements(By.cssSelector("#figure-5 svg path[stroke-dasharray]")))
                .hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void chartsAreSavedAsLightPicturesForPapers(@TempDir Path downloads) throws Exception {
        browser.executeCdpCommand(
                "Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", downloads.toString()));
        look("dark");
        show(Samples.report(), "report");
        for (WebElement button : browser.findElements(By.cssSelector("#figure-1 .save button"))) {
            button.click();
        }
        BufferedImage png =
                ImageIO.read(await(downloads.resolve(PICTURE + ".png")).toFile());
        assertThat(png.getWidth()).isEqualTo(3 * 720);
        assertThat(png.getRGB(0, 0)).isEqualTo(Color.WHITE.getRGB());
        assertThat(png.getRGB(0, 0, png.getWidth(), png.getHeight(), null, 0, png.getWidth()))
                .as("the first series, in its colour on paper")
                .contains(new Color(0x31709c).getRGB());
        assertThat(Files.readString(await(downloads.resolve(PICTURE + ".svg"))))
                .startsWith("<svg width=\"720\"")
                .contains("arithmetic");
        assertQuiet();
    }

    /// A download, once it is whole: it gets its name at the end.
    private static Path await(Path file) throws InterruptedException {
        for (int i = 0; i < 100 && !Files.exists(file); i++) {
            Thread.sleep(50);
        }
        assertThat(file).isNotEmptyFile();
        return file;
    }

    @Test
    void namesThatLookLikeMarkupAreShownAsText() throws IOException {
        show(Samples.hostile(), "hostile");
        assertThat(browser.getTitle()).isEqualTo(Samples.HOSTILE);
        for (String place : List.of("h1", ".lead", "h2", ".note", "td, tbody th", "pre")) {
            assertThat(browser.findElement(By.cssSelector(place)).getText())
                    .as(place)
                    .isEqualTo(Samples.HOSTILE);
        }
        assertThat(browser.findElements(By.cssSelector("img"))).isEmpty();
        assertThat(browser.findElement(By.cssSelector("#figure-1 svg")).getDomProperty("textContent"))
                .contains(Samples.HOSTILE);
        for (WebElement chart : browser.findElements(By.cssSelector(".chart"))) {
            browser.executeScript("arguments[0].scrollIntoView({block: 'center'})", chart);
            new Actions(browser)
                    .moveToElement(chart, 5 - chart.getSize().getWidth() / 4, 40)
                    .perform();
        }
        assertThat(browser.findElement(By.cssSelector("#figure-1 .hint")).getDomProperty("textContent"))
                .contains(Samples.HOSTILE);
        assertThat(browser.findElements(By.cssSelector("img"))).isEmpty();
        screenshot("hostile");
        assertQuiet();
    }

    @Test
    void printedPagesAreLightAndFitThePaper() throws IOException {
        look("dark");
        show(Samples.report(), "report");
        Object pdf = browser.executeCdpCommand("Page.printToPDF", Map.of("printBackground", true))
                .get("data");
        Files.write(
                SCREENSHOTS.resolve("print.pdf"), java.util.Base64.getDecoder().decode((String) pdf));
        browser.executeScript("dispatchEvent(new Event('beforeprint'))");
        assertThat(colour("body", "background-color")).isEqualTo("rgba(254, 254, 252, 1)");
        browser.executeScript("dispatchEvent(new Event('afterprint'))");
        assertThat(colour("body", "background-color")).isEqualTo("rgba(21, 23, 27, 1)");
        assertQuiet();
    }

    private static void show(Report report, String name) throws IOException {
        Path file = SCREENSHOTS.resolve(name + ".html");
        report.write(file);
        browser.get(file.toUri().toString());
    }

    private static void look(String scheme) {
        browser.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    private static void window(int width, int height) {
        browser.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        // Charts follow in the next frame.
        browser.executeAsyncScript(
                "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))");
    }

    private static String colour(String selector, String property) {
        return browser.findElement(By.cssSelector(selector)).getCssValue(property);
    }

    private static void assertFitsWidth() {
        assertThat((Long) browser.executeScript(
                        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .isZero();
    }

    /// No error, warning of the content security policy, or exception.
    private static void assertQuiet() {
        assertThat(browser.manage().logs().get(LogType.BROWSER).getAll())
                .filteredOn(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .isEmpty();
    }

    private static void screenshot(String name) throws IOException {
        Object height = browser.executeScript("return document.documentElement.scrollHeight");
        Object width = browser.executeScript("return document.documentElement.clientWidth");
        Object png = browser.executeCdpCommand(
                        "Page.captureScreenshot",
                        Map.of(
                                "captureBeyondViewport",
                                true,
                                "clip",
                                Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)))
                .get("data");
        byte[] bytes = OutputType.BYTES.convertFromBase64Png((String) png);
        Files.write(SCREENSHOTS.resolve(name + ".png"), bytes);
    }

    private static File installed(String... names) {
        Optional<Path> found = Stream.of(names)
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
        assertThat(found)
                .as(
                        "%s is not on the PATH: the report is tested in a browser; on Debian,"
                                + " apt-get install chromium chromium-driver",
                        names[0])
                .isPresent();
        return found.orElseThrow().toFile();
    }
}
