package io.bactrian.scrape;

import io.bactrian.scrape.select.SelectorPlan;

/**
 * One page of a task that is to be scraped now.
 *
 * @param url the absolute URL as the client wrote it
 * @param attempt which attempt this is, from 1
 * @param lane identifies the lane that asks: pages of one lane may share a browser context and a proxy, those of two never
 * @param deliveries how often the lane's token has been delivered for this step, from 1: more than once when what scraped it
 *     died
 */
public record PageRequest(
        String url, ScrapeOptions options, SelectorPlan plan, int attempt, String lane, int deliveries) {

    /** The page of a lane of its own. */
    public PageRequest(String url, ScrapeOptions options, SelectorPlan plan, int attempt) {
        this(url, options, plan, attempt, url, 1);
    }
}
