package io.bactrian.scrape.polite;

/**
 * What the robots.txt of a site says of one URL.
 *
 * @param allowed whether the URL may be fetched
 * @param reason one sentence for the person who asked for the page
 */
public record RobotsVerdict(boolean allowed, String reason) {}
