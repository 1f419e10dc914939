package io.bactrian.places.contact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.scrape.Hop;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a look for contacts goes.
 *
 * @param url of the page, or empty where the place's website is no address
 * @param page 0 for the website itself, or the number of the page that it led to
 * @param hop where to go on in the page's redirects, or null to begin
 */
record ContactTarget(
        String placeId, String url, int page, @Nullable Hop hop) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads what {@link #toText()} has written.
     *
     * @throws IOException if the text is something else
     */
    static ContactTarget of(String text) throws IOException {
        ContactTarget target = JSON.readValue(text, ContactTarget.class);
        if (target == null || target.placeId == null || target.url == null) {
            throw new IOException("no target");
        }
        return target;
    }

    String toText() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** {@code contact:{placeId}}, the number of a page that it led to, and how far its redirects have been followed. */
    String key() {
        StringBuilder key = new StringBuilder("contact:").append(placeId);
        if (page > 0 || hop != null) {
            key.append(':').append(page);
        }
        if (hop != null) {
            key.append(':').append(hop.redirects()).append('.').append(hop.robotsReads());
        }
        return key.toString();
    }

    /** The URL that is requested next. */
    String nextUrl() {
        return hop == null ? url : hop.url();
    }

    ContactTarget goingOn(Hop next) {
        return new ContactTarget(placeId, url, page, next);
    }
}
