package io.bactrian.scrape.polite;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a clock says to one request. */
public sealed interface Turn {

    /**
     * It may go out now, and must say when it has ended.
     *
     * @param lease names it among the requests under way, or null where these are not counted
     */
    record Now(@Nullable String lease) implements Turn {}

    /** It may come back at this time, on a slot that is booked for it. */
    record Later(Instant slot) implements Turn {}
}
