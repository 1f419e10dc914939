package io.bactrian.billing;

import java.math.BigDecimal;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A plan of Selextract: what it costs, and what an account on it may do.
 *
 * @param tier the class of the plan that clients read, such as {@code pro}
 * @param price US dollars for each interval
 * @param computeUnitsLimit compute units granted for each month
 * @param concurrentTasks how many tasks run at once; more wait as {@code pending}
 * @param monitors how many monitoring tasks are checked by schedule at once; paused ones do not count
 * @param advanced whether advanced scraping is included
 * @param interval how often it is paid for; its price is for that long
 * @param features what the plan offers, one line each, for people to read
 */
public record Plan(
        String name,
        String tier,
        BigDecimal price,
        long computeUnitsLimit,
        int concurrentTasks,
        @DefaultValue("10") int monitors,
        boolean advanced,
        @DefaultValue("monthly") BillingInterval interval,
        List<String> features) {}
