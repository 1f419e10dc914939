package io.bactrian.api;

import io.bactrian.api.contract.Surface;

/** The operations that messages can ask for. */
public enum MessageOperation {
    /** A task, as {@code POST /tasks} takes it. */
    CREATE_TASK("createTask", Surface.SELEXTRACT),
    /** A search for places, as {@code POST /scrape} takes it. */
    CREATE_SEARCH("createScrapeJob", Surface.MAPSCRAPER);

    private final String operationId;
    private final Surface surface;

    MessageOperation(String operationId, Surface surface) {
        this.operationId = operationId;
        this.surface = surface;
    }

    String operationId() {
        return operationId;
    }

    Surface surface() {
        return surface;
    }
}
