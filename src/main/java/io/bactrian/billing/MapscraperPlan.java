package io.bactrian.billing;

import java.math.BigDecimal;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A plan of MapScraper: what it costs, and what it gives.
 *
 * @param price US dollars for each interval
 * @param monthlyCredits credits granted each month; they do not expire
 * @param concurrentJobs how many jobs run at once; more wait as queued
 * @param interval how often it is paid for; its price is for that long
 * @param features what the plan offers, one line each, for people to read
 */
public record MapscraperPlan(
        String name,
        BigDecimal price,
        long monthlyCredits,
        @DefaultValue("2") int concurrentJobs,
        @DefaultValue("monthly") BillingInterval interval,
        List<String> features) {}
