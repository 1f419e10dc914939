package io.bactrian.api.contract;

/** One of the two public APIs. */
public enum Surface {
    /** The API of tasks, whose errors have a code, a message and details. */
    SELEXTRACT("selextract"),
    /** The API of map searches, whose errors are one sentence. */
    MAPSCRAPER("mapscraper");

    private final String document;

    Surface(String document) {
        this.document = document;
    }

    /** The class path resource of its OpenAPI document. */
    String resource() {
        return "/openapi/" + document + ".yaml";
    }
}
