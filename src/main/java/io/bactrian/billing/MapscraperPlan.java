package io.bactrian.billing;

import java.math.BigDecimal;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A plan of MapScraper: what it costs, and what it gives.
 *
 * @param price US dollars a month
 * @param monthlyCredits credits granted each month; they do not expire
 * @param concurrentJobs how many jobs run at once; more wait as queued
 * @param features what the plan offers, one line each, for people to read
 */
public record MapscraperPlan(
        String name,
        BigDecimal price,
        long monthlyCredits,
        @DefaultValue("2") int concurrentJobs,
        List<String> features) {}
