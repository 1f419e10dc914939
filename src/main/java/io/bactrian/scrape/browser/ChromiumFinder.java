package io.bactrian.scrape.browser;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the Chromium to run: the configured one, else one that Playwright has installed, else one of the system; of these the
 * headless shell before the whole browser, for it needs a third less.
 */
final class ChromiumFinder {
    private static final List<String> NAMES = List.of(
            "chromium-headless-shell",
            "chrome-headless-shell",
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable");
    private static final List<String> USUAL_PLACES =
            List.of("/usr/bin", "/usr/local/bin", "/usr/lib/chromium", "/opt/google/chrome", "/snap/bin");
    private static final List<String> APPLICATIONS = List.of(
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    private static final Set<String> PLAYWRIGHTS_NAMES =
            Set.of("headless_shell", "chrome-headless-shell", "chrome", "Chromium", "Google Chrome for Testing");
    private static final int DEEPEST = 6;

    private final @Nullable String configured;
    private final Map<String, String> environment;
    private final Path home;

    ChromiumFinder(@Nullable String configured, Map<String, String> environment, Path home) {
        this.configured = configured == null || configured.isBlank() ? null : configured;
        this.environment = environment;
        this.home = home;
    }

    /** The executable, or nothing where none was found. */
    Optional<Path> find() {
        if (configured != null) {
            return Optional.of(Path.of(configured)).filter(Files::isExecutable);
        }
        return installedByPlaywright().or(this::installedInTheSystem);
    }

    /** @throws BrowserMissingException where none was found */
    Path require() {
        return find().orElseThrow(() -> new BrowserMissingException(
                configured == null
                        ? "No Chromium was found. Install it (Debian and Ubuntu: apt-get install chromium-headless-shell, or"
                                + " chromium), or set bactrian.browser.executable to the path of one."
                        : "bactrian.browser.executable is " + configured + ", which is not an executable file."));
    }

    private Optional<Path> installedByPlaywright() {
        Path cache = playwrightsCache();
        if (!Files.isDirectory(cache)) {
            return Optional.empty();
        }
        try (Stream<Path> installed = Files.list(cache)) {
            // Of several the newest; their names end in a number that grows.
            List<Path> directories = installed
                    .filter(directory -> directory.getFileName().toString().startsWith("chromium"))
                    .sorted(Comparator.comparing((Path directory) ->
                                    directory.getFileName().toString().contains("headless"))
                            .thenComparingLong(ChromiumFinder::revision)
                            .reversed())
                    .toList();
            return directories.stream()
                    .flatMap(directory -> executableBelow(directory).stream())
                    .findFirst();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private Path playwrightsCache() {
        @Nullable String chosen = environment.get("PLAYWRIGHT_BROWSERS_PATH");
        if (chosen != null && !chosen.isBlank()) {
            return Path.of(chosen);
        }
        boolean mac = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");
        return home.resolve(mac ? "Library/Caches/ms-playwright" : ".cache/ms-playwright");
    }

    private static long revision(Path directory) {
        String digits = directory.getFileName().toString().replaceAll("[^0-9]", "");
        return digits.isEmpty() || digits.length() > 18 ? 0 : Long.parseLong(digits);
    }

    private static Optional<Path> executableBelow(Path directory) {
        try (Stream<Path> files = Files.find(
                directory,
                DEEPEST,
                (file, attributes) -> attributes.isRegularFile()
                        && PLAYWRIGHTS_NAMES.contains(file.getFileName().toString())
                        && Files.isExecutable(file))) {
            return files.findFirst();
        } catch (IOException | UncheckedIOException unreadable) {
            return Optional.empty();
        }
    }

    private Optional<Path> installedInTheSystem() {
        List<String> places =
                new ArrayList<>(List.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)));
        places.addAll(USUAL_PLACES);
        Stream<Path> named = NAMES.stream()
                .flatMap(name ->
                        places.stream().filter(place -> !place.isBlank()).map(place -> Path.of(place, name)));
        return Stream.concat(named, APPLICATIONS.stream().map(Path::of))
                .filter(Files::isRegularFile)
                .filter(Files::isExecutable)
                .findFirst();
    }
}
