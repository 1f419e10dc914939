package io.bactrian.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.scrape.Hop;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A page that a lane keeps for later: to be tried again, or because it is not its turn yet.
 *
 * @param position of the page among its task's URLs, from 0
 * @param attempt which attempt is the next one, from 1
 * @param notBefore when it may begin
 * @param booked the clock on which a slot at that time is booked for it, or null
 * @param hop where to go on, or null to begin at {@code url}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DeferredPage(
        int position,
        String url,
        int attempt,
        Instant notBefore,
        @Nullable String booked,
        @Nullable Hop hop) {

    /** A page that nobody has asked for yet. */
    static DeferredPage first(int position, String url) {
        return new DeferredPage(position, url, 1, Instant.EPOCH, null, null);
    }

    /** The same page for another attempt, from its beginning. */
    DeferredPage again(Instant when) {
        return new DeferredPage(position, url, attempt + 1, when, null, null);
    }

    /** The same page, to go on elsewhere as soon as it can. */
    DeferredPage from(Hop next) {
        return new DeferredPage(position, url, attempt, Instant.EPOCH, null, next);
    }

    /** The same page later, with a slot on that clock, or with none. */
    DeferredPage until(Instant when, @Nullable String clock) {
        return new DeferredPage(position, url, attempt, when, clock, hop);
    }

    /** The URL that is requested next. */
    String nextUrl() {
        return hop == null ? url : hop.url();
    }
}
