package io.bactrian.scrape.browser;

import java.nio.file.Path;
import java.time.Duration;

/** A service that has a browser, for tests to kill: its directory and the page that it opens are its arguments. */
final class BrowserOwner {
    private BrowserOwner() {}

    public static void main(String[] arguments) {
        try (Browsers browsers =
                new Browsers(Browsers.settings(1, Duration.ofMinutes(1), 100), Path.of(arguments[0]))) {
            browsers.out(arguments[1], Browsers.OPTIONS);
        }
    }
}
