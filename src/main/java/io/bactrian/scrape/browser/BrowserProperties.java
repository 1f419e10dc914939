package io.bactrian.scrape.browser;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The configuration {@code bactrian.browser}.
 *
 * @param browsers how many browsers run at once, which is how many pages are open at once
 * @param executable the Chromium to run, or null for the one that is found
 * @param driver the directory with Playwright's driver: {@code package} and, for each platform, {@code node}
 * @param idleTimeout after how long without a page a browser is closed
 * @param pagesPerBrowser after how many pages a browser is replaced
 * @param maxTraffic how much one page may load over the network, all of its resources included
 * @param maxMemory how much memory the processes of a browser may take together; watched where the system has /proc
 * @param scriptMemory how much of it the scripts of a page may take
 */
@ConfigurationProperties("bactrian.browser")
public record BrowserProperties(
        @DefaultValue("2") int browsers,
        @Nullable String executable,
        @DefaultValue("target/playwright/driver") String driver,
        @DefaultValue("1m") Duration idleTimeout,
        @DefaultValue("200") int pagesPerBrowser,
        @DefaultValue("64MB") DataSize maxTraffic,
        @DefaultValue("1GB") DataSize maxMemory,
        @DefaultValue("512MB") DataSize scriptMemory) {

    public BrowserProperties {
        if (browsers < 1 || pagesPerBrowser < 1) {
            throw new IllegalArgumentException(
                    "bactrian.browser.browsers and bactrian.browser.pages-per-browser must be at least 1.");
        }
    }
}
