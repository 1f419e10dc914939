package io.bactrian.api.contract;

import io.bactrian.limit.RateLimitClass;

/** One of the two public APIs. */
public enum Surface {
    /** The API of tasks, whose errors have a code, a message and details. */
    SELEXTRACT("selextract", RateLimitClass.GENERAL),
    /** The API of map searches, whose errors are one sentence. */
    MAPSCRAPER("mapscraper", RateLimitClass.MAPSCRAPER);

    private final String document;
    private final RateLimitClass rateLimit;

    Surface(String document, RateLimitClass rateLimit) {
        this.document = document;
        this.rateLimit = rateLimit;
    }

    /** The class of rate limit of what no operation says otherwise of. */
    public RateLimitClass rateLimit() {
        return rateLimit;
    }

    /** The class path resource of its OpenAPI document. */
    String resource() {
        return "/openapi/" + document + ".yaml";
    }
}
