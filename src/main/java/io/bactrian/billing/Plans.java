package io.bactrian.billing;

import java.util.Map;
import java.util.Objects;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The plans that this service offers, from {@code config/plans.yaml}.
 *
 * @param selextract Selextract's plans by id
 * @param signUpCredits MapScraper credits that every new account is given
 */
@ConfigurationProperties("bactrian.plans")
public record Plans(Map<String, Plan> selextract, long signUpCredits) {

    public Plans {
        if (!selextract.containsKey("free")) {
            throw new IllegalArgumentException(
                    "bactrian.plans.selextract must have a plan \"free\": every new account begins on it. Add it to config/plans.yaml.");
        }
    }

    /** The Selextract plan of that id; the free one where the id is no longer offered. */
    public Plan selextract(String id) {
        Plan plan = selextract.get(id);
        return plan != null ? plan : Objects.requireNonNull(selextract.get("free"));
    }
}
