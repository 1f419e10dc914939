package io.bactrian.task;

import com.fasterxml.jackson.annotation.JsonValue;
import io.bactrian.outbox.Destination;
import java.util.Locale;

/** What kind of scraping a task is. */
public enum TaskType {
    SIMPLE_SCRAPING,
    ADVANCED_SCRAPING,
    BULK_SCRAPING,
    MONITORING;

    /** How many URLs a task of the type may have. */
    int mostUrls() {
        return this == BULK_SCRAPING ? 100_000 : 100;
    }

    /** The type as clients write it. */
    @JsonValue
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Where the lanes' tokens of such a task go: to the engine that scrapes its pages. */
    Destination queue() {
        return this == ADVANCED_SCRAPING ? Destination.LANES_BROWSER : Destination.LANES_HTML;
    }

    /**
     * The type that clients write so.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static TaskType of(String code) {
        return valueOf(code.toUpperCase(Locale.ROOT));
    }
}
