package io.bactrian.billing;

import io.bactrian.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The plans that this service offers, from {@code config/plans.yaml}.
 *
 * @param selextract Selextract's plans by id
 * @param mapscraper MapScraper's plans by id
 * @param packages MapScraper's credits that are bought once, by the packages' ids
 * @param signUpCredits MapScraper credits that every new account is given
 */
@ConfigurationProperties("bactrian.plans")
public record Plans(
        @DefaultValue Map<String, Plan> selextract,
        @DefaultValue Map<String, MapscraperPlan> mapscraper,
        @DefaultValue Map<String, CreditPackage> packages,
        long signUpCredits) {
    /** The plan that an account has without a subscription, in both APIs. */
    public static final String FREE = "free";

    public Plans {
        requireFree("selextract", selextract.keySet().contains(FREE));
        requireFree("mapscraper", mapscraper.keySet().contains(FREE));
    }

    private static void requireFree(String api, boolean there) {
        if (!there) {
            throw new InvalidPlansException(List.of(
                    "config/plans.yaml: bactrian.plans.%s.free is missing: write the plan that every new account begins on."
                            .formatted(api)));
        }
    }

    /** The Selextract plan of that id; the free one where the id is no longer offered. */
    public Plan selextract(String id) {
        Plan plan = selextract.get(id);
        return plan != null ? plan : Objects.requireNonNull(selextract.get(FREE));
    }

    /** The MapScraper plan of that id; the free one where the id is no longer offered. */
    public MapscraperPlan mapscraper(String id) {
        MapscraperPlan plan = mapscraper.get(id);
        return plan != null ? plan : Objects.requireNonNull(mapscraper.get(FREE));
    }

    /** Whether an API has a plan of that id. */
    boolean offers(PlanApi api, String id) {
        return api == PlanApi.MAPSCRAPER ? mapscraper.containsKey(id) : selextract.containsKey(id);
    }

    /** The package's name for people; its id where it is no longer offered. */
    String packageName(String id) {
        CreditPackage found = packages.get(id);
        return found != null ? found.name() : id;
    }

    /**
     * Which API's plan an id means: Selextract's, unless only MapScraper has it.
     *
     * @param api the API that is meant where both have the id, or null
     * @throws InvalidInputException when there is no such plan
     */
    PlanApi api(String id, @Nullable PlanApi api) {
        if (api != PlanApi.MAPSCRAPER && selextract.containsKey(id)) {
            return PlanApi.SELEXTRACT;
        }
        if (api != PlanApi.SELEXTRACT && mapscraper.containsKey(id)) {
            return PlanApi.MAPSCRAPER;
        }
        List<String> offered = new ArrayList<>();
        if (api != PlanApi.MAPSCRAPER) {
            offered.addAll(selextract.keySet());
        }
        if (api != PlanApi.SELEXTRACT) {
            offered.addAll(mapscraper.keySet());
        }
        throw new InvalidInputException("plan_id", "must be one of " + String.join(", ", new TreeSet<>(offered)));
    }
}
