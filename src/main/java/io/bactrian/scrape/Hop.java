package io.bactrian.scrape;

import io.bactrian.OutsideText;

/**
 * Where a page has come to that takes more than one request, each of which waits for its own turn.
 *
 * @param url the absolute URL that is requested next
 * @param redirects how many redirects have led there
 * @param robotsReads how often a turn was used for the robots.txt of that URL's host instead of the page
 */
public record Hop(String url, int redirects, int robotsReads) {
    public Hop {
        url = OutsideText.clean(url);
    }
}
