package io.bactrian.limit;

import java.util.Arrays;

/** The classes of operations that are limited apart from each other: what is used of one leaves the others as they are. */
public enum RateLimitClass {
    /** Signing in, and everything else about Selextract's credentials. */
    AUTHENTICATION("authentication", 10),
    /** Creating Selextract tasks. */
    TASK_CREATION("task-creation", 30),
    /** Every other operation of Selextract's. */
    GENERAL("general", 100),
    /** Selextract's subscriptions and invoices. */
    BILLING("billing", 5),
    /** Events of payment providers, which come from a few addresses, many at once after an outage. */
    PROVIDER_EVENTS("provider-events", 1200),
    /** Every operation of MapScraper's. */
    MAPSCRAPER("mapscraper", 60),
    /**
     * Whether the service is well: asked by each load balancer, of each node. Counted by each node for itself, because the
     * answer must not depend on the database that it tells about.
     */
    HEALTH("health", 600);

    private final String id;
    private final long standard;

    RateLimitClass(String id, long standard) {
        this.id = id;
        this.standard = standard;
    }

    /** The name in the configuration and in the OpenAPI documents, such as {@code task-creation}. */
    public String id() {
        return id;
    }

    /** The class's name for people, such as "task creation". */
    public String words() {
        return id.replace('-', ' ');
    }

    /** Requests a period where nothing else is configured. */
    long standard() {
        return standard;
    }

    /**
     * The class with that id.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static RateLimitClass of(String id) {
        return Arrays.stream(values())
                .filter(candidate -> candidate.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no rate limit class \"%s\"; there are %s."
                        .formatted(
                                id,
                                Arrays.stream(values()).map(RateLimitClass::id).toList())));
    }
}
