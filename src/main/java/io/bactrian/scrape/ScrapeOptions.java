package io.bactrian.scrape;

import java.time.Duration;
import java.util.Map;

/**
 * How the pages of a task are to be fetched.
 *
 * @param followRedirects whether up to ten redirects are followed
 * @param timeout the longest that one page may take, from the first byte sent to the last received
 * @param headers request headers that the task adds or overrides
 * @param cookies request cookies by name, sent to each URL of the task
 * @param respectRobotsTxt whether robots.txt decides over each URL
 */
public record ScrapeOptions(
        boolean followRedirects,
        Duration timeout,
        Map<String, String> headers,
        Map<String, String> cookies,
        boolean respectRobotsTxt) {}
