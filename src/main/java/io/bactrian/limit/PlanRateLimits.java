package io.bactrian.limit;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The rate limits that plans have of their own: {@code rate-limits} of a plan in {@code config/plans.yaml}.
 *
 * @param selextract by the id of Selextract's plans
 * @param mapscraper by the id of MapScraper's plans
 */
@ConfigurationProperties("bactrian.plans")
public record PlanRateLimits(
        @DefaultValue Map<String, PlanLimits> selextract,
        @DefaultValue Map<String, PlanLimits> mapscraper) {

    public PlanRateLimits {
        requireUsable("selextract", selextract);
        requireUsable("mapscraper", mapscraper);
    }

    /**
     * What one plan has of its own.
     *
     * @param rateLimits requests a period of one account on the plan, and of each of its keys, by class
     */
    public record PlanLimits(@DefaultValue Map<RateLimitClass, Long> rateLimits) {}

    private static void requireUsable(String api, Map<String, PlanLimits> plans) {
        plans.forEach((id, plan) -> plan.rateLimits()
                .forEach((name, number) -> RateLimitProperties.requireUsable(
                        "bactrian.plans.%s.%s.rate-limits.%s".formatted(api, id, name.id()), number)));
    }

    /** What a plan of the class's API says, or null where it leaves the class as it is. */
    @Nullable
    Long of(RateLimitClass name, String planId) {
        PlanLimits plan = (name == RateLimitClass.MAPSCRAPER ? mapscraper : selextract).get(planId);
        return plan == null ? null : plan.rateLimits().get(name);
    }
}
