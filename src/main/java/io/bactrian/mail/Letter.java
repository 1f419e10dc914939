package io.bactrian.mail;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Mail} on its way to the mail server.
 *
 * @param id the same for all attempts; the letter's {@code Message-ID} is made of it
 * @param attempts how many have failed
 * @param accountId whose it is, for its links; null in messages of versions without links
 * @param confirmation whether it asks its reader to confirm, and has the link for that
 */
public record Letter(
        UUID id,
        Instant writtenAt,
        int attempts,
        Mail mail,
        @Nullable UUID accountId,
        boolean confirmation) {

    Letter afterFailure() {
        return new Letter(id, writtenAt, attempts + 1, mail, accountId, confirmation);
    }
}
