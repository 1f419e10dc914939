package io.bactrian.scrape.html;

import io.bactrian.OutsideText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A page as it was once answered with status 200.
 *
 * @param finalUrl the URL after redirects
 * @param contentType the {@code Content-Type} as it was sent, or null
 * @param entityTag the {@code ETag} (RFC 9110 section 8.8.3), or null
 * @param lastModified the {@code Last-Modified} as it was sent, or null
 * @param fetchedAt when the site was last asked for it
 * @param body the decompressed body, not a copy
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and a copy of each page would be waste
record CachedPage(
        String finalUrl,
        @Nullable String contentType,
        @Nullable String entityTag,
        @Nullable String lastModified,
        Instant fetchedAt,
        byte[] body) {
    CachedPage {
        finalUrl = OutsideText.clean(finalUrl);
        contentType = OutsideText.line(contentType);
        entityTag = validator(entityTag);
        lastModified = validator(lastModified);
    }

    /** What is sent back to the site must be what it sent, so one that cannot be kept whole is not kept. */
    private static @Nullable String validator(@Nullable String text) {
        return text != null && text.length() <= OutsideText.LINE && OutsideText.isClean(text) ? text : null;
    }
}
