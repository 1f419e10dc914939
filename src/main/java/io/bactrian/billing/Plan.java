package io.bactrian.billing;

import java.math.BigDecimal;
import java.util.List;

/**
 * What an account of a Selextract plan may do.
 *
 * @param price US dollars a month
 * @param computeUnitsLimit compute units granted for each month
 * @param concurrentTasks how many tasks run at once; more wait as {@code pending}
 * @param advanced whether advanced scraping is included
 */
public record Plan(
        String name,
        String tier,
        BigDecimal price,
        long computeUnitsLimit,
        int concurrentTasks,
        boolean advanced,
        List<String> features) {}
