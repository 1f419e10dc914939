package io.bactrian.scrape;

import io.bactrian.scrape.select.SelectorPlan;

/**
 * One page of a task that is to be scraped now.
 *
 * @param url the absolute URL as the client wrote it
 * @param attempt which attempt this is, from 1
 */
public record PageRequest(String url, ScrapeOptions options, SelectorPlan plan, int attempt) {}
